"""The fourth batch: written after the first three had been mended for, before the engine had run on any of it."""

from __future__ import annotations

from building import NONE, Build


def lost_middleware() -> Build:
    title = "router: group public endpoints"
    b = Build(name="lost-middleware", cause=title, services=("app-web", "content", "media-store"), onset=60,
              quiet=("rendered article", "asset 200", "comment saved"))  # fmt: skip
    b.ship(
        58,
        "content",
        title,
        "content/router.ts",
        "--- a/content/router.ts\n+++ b/content/router.ts\n-app.use(compression());\n-app.use(bodyParser.json({ limit: '2mb' }));\n-app.use('/articles', articles);\n+const open = express.Router();\n+open.use('/articles', articles);\n+app.use(open);\n",
    )
    b.ship(
        59,
        "content",
        "feat: reading time",
        "content/time.ts",
        "--- a/content/time.ts\n+++ b/content/time.ts\n+export const minutes = (words: number) => Math.ceil(words / 220);\n",
    )
    b.ship(
        57,
        "media-store",
        "chore: rotate access log",
        "media-store/log.conf",
        "--- a/media-store/log.conf\n+++ b/media-store/log.conf\n-rotate = weekly\n+rotate = daily\n",
    )
    b.measure("content", "http_5xx_ratio", 0.001, 0.29)
    b.measure("app-web", "http_5xx_ratio", 0.002, 0.2, 61)
    for s in ("app-web", "content", "media-store"):
        b.measure(s, "requests_per_second", 120)
    b.complain(
        "content",
        "ERROR",
        "TypeError: Cannot read properties of undefined (reading 'author') at create (/srv/content/articles.ts:44:31)",
        0.3,
    )
    b.complain("app-web", "ERROR", "content 500 on POST /articles", 0.5, 61)
    b.alert(63, "content", "http_5xx_ratio", "content 5xx", 0.29)
    return b


def shadow_copy() -> Build:
    title = "Search: warm suggestions on boot"
    b = Build(name="warm-suggestions", cause=title, services=("front", "search", "suggester"), minutes=120, onset=96,
              quiet=("hit", "suggested", "front page"))  # fmt: skip
    b.ship(
        40,
        "suggester",
        title,
        "suggester/warm.go suggester/main.go",
        "--- a/suggester/warm.go\n+++ b/suggester/warm.go\n+var warmed = map[string][]string{}\n+\n+func remember(q string, s []string) {\n+\twarmed[q] = s\n+}\n--- a/suggester/main.go\n+++ b/suggester/main.go\n \tout := rank(q)\n+\tremember(q, out)\n \treturn out\n",
    )
    b.ship(
        92,
        "suggester",
        "fix: trim the query",
        "suggester/query.go",
        '--- a/suggester/query.go\n+++ b/suggester/query.go\n-\tq := r.URL.Query().Get("q")\n+\tq := strings.TrimSpace(r.URL.Query().Get("q"))\n',
    )
    b.ship(
        95,
        "front",
        "feat: sticky header",
        "front/header.css",
        "--- a/front/header.css\n+++ b/front/header.css\n+.header { position: sticky; top: 0; }\n",
    )
    b.measure("suggester", "process_resident_memory_bytes", 1.2e8, 1.05e9, 41, climb=True, noise=0.01)
    b.measure("suggester", "container_restarts", 0, 4, 97, whole=True)
    b.measure("suggester", "error_ratio", 0.001, 0.42)
    b.measure("front", "error_ratio", 0.002, 0.12, 97)
    for s in ("front", "search", "suggester"):
        b.measure(s, "requests_per_second", 230)
    b.complain("suggester", "ERROR", "runtime: out of memory: cannot allocate 33554432-byte block", 3)
    b.complain("front", "ERROR", "suggester unavailable: EOF", 0.4, 96.3)
    b.alert(99, "suggester", "error_ratio", "suggester down", 0.42)
    return b


def wrong_encoding() -> Build:
    title = "importer: read partner files with the csv library"
    b = Build(name="wrong-encoding", cause=title, services=("intake", "importer", "inventory"), onset=60,
              quiet=("file fetched", "row imported", "stock updated"))  # fmt: skip
    b.ship(
        55,
        "importer",
        title,
        "importer/read.py",
        "--- a/importer/read.py\n+++ b/importer/read.py\n-    text = path.read_bytes().decode('cp1252')\n-    for line in text.splitlines():\n-        yield line.split(';')\n+    with path.open(newline='') as f:\n+        yield from csv.reader(f, delimiter=';')\n",
    )
    b.ship(
        59,
        "importer",
        "feat: count rows per partner",
        "importer/stats.py",
        "--- a/importer/stats.py\n+++ b/importer/stats.py\n+    rows[partner] += 1\n",
    )
    b.ship(
        58,
        "inventory",
        "refactor: stock table names",
        "inventory/tables.py",
        "--- a/inventory/tables.py\n+++ b/inventory/tables.py\n-STOCK = 'stock'\n-MOVES = 'moves'\n+class Table:\n+    STOCK = 'stock'\n+    MOVES = 'moves'\n",
    )
    b.measure("importer", "failed_files_per_minute", 0.05, 7)
    b.measure("importer", "rows_per_minute", 9000, 400, 60)
    b.measure("inventory", "stale_skus", 12, 2100, 63)
    b.complain(
        "importer",
        "ERROR",
        "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe4 in position #: invalid continuation byte (partner file #.csv)",
        0.3,
    )
    b.complain("inventory", "WARN", "no update for # skus", 2, 63)
    b.alert(66, "importer", "failed_files_per_minute", "imports failing", 7)
    return b


def feature_default() -> Build:
    title = "flags: defaults in code"
    b = Build(name="flag-default", cause=title, services=("shopfront", "promo", "pricing-engine"), onset=61,
              quiet=("price shown", "promotion read", "basket ok"))  # fmt: skip
    b.ship(
        60.5,
        "pricing-engine",
        title,
        "pricing-engine/flags.py",
        "--- a/pricing-engine/flags.py\n+++ b/pricing-engine/flags.py\n-USE_LIVE_PROMOTIONS = flag('use_live_promotions', default=False)\n+USE_LIVE_PROMOTIONS = flag('use_live_promotions', default=True)\n",
    )
    b.ship(
        60,
        "pricing-engine",
        "refactor: split price rules",
        "pricing-engine/rules.py",
        "--- a/pricing-engine/rules.py\n+++ b/pricing-engine/rules.py\n-def price(i):\n-    return vat(discount(i))\n+def price(item):\n+    return vat(discount(item))\n",
    )
    b.ship(
        59,
        "shopfront",
        "feat: bigger price",
        "shopfront/price.css",
        "--- a/shopfront/price.css\n+++ b/shopfront/price.css\n+.price { font-size: 1.4rem; }\n",
    )
    b.measure("pricing-engine", "latency_p95_ms", 40, 1500)
    b.measure("promo", "requests_per_second", 3, 420, 61)
    b.measure("promo", "cpu_percent", 4, 98, 61)
    b.measure("pricing-engine", "requests_per_second", 410)
    b.measure("shopfront", "latency_p95_ms", 110, 1800, 62)
    b.complain("pricing-engine", "WARN", "call to promo took #ms (use_live_promotions on)", 0.2)
    b.complain("pricing-engine", "ERROR", "promo timed out", 0.5)
    b.trace(
        63,
        ("shopfront", "GET /p", 1800, "-"),
        ("pricing-engine", "price", 1500, "-"),
        ("promo", "live", 1400, "timed out"),
    )
    b.alert(65, "pricing-engine", "latency_p95_ms", "prices slow", 1500)
    return b


def unsigned_overflow() -> Build:
    title = "perf: narrower ids in the event row"
    b = Build(name="narrow-ids", cause=title, services=("collector", "events-writer", "analytics"), onset=60,
              quiet=("event accepted", "rows written", "query ok"))  # fmt: skip
    b.ship(
        45,
        "events-writer",
        title,
        "events-writer/src/row.rs",
        "--- a/events-writer/src/row.rs\n+++ b/events-writer/src/row.rs\n pub struct Row {\n-    pub user_id: u64,\n+    pub user_id: u32,\n     pub kind: u8,\n }\n",
    )
    b.ship(
        58,
        "events-writer",
        "chore: clippy",
        "events-writer/src/lib.rs",
        "--- a/events-writer/src/lib.rs\n+++ b/events-writer/src/lib.rs\n-    return rows.len();\n+    rows.len()\n",
    )
    b.ship(
        59,
        "collector",
        "feat: accept gzip",
        "collector/body.go",
        '--- a/collector/body.go\n+++ b/collector/body.go\n+\tif r.Header.Get("Content-Encoding") == "gzip" {\n+\t\tbody, err = gzip.NewReader(r.Body)\n+\t}\n',
    )
    b.measure("events-writer", "rejected_rows_per_second", 0.01, 55)
    b.measure("events-writer", "rows_per_second", 900, 780, 60)
    b.measure("collector", "requests_per_second", 300)
    b.measure("analytics", "query_errors_per_minute", 0.1, 6, 62)
    b.complain(
        "events-writer",
        "ERROR",
        "row rejected: user_id 42949#6730 out of range: out of range integral type conversion attempted (src/row.rs:31)",
        0.2,
    )
    b.complain("analytics", "WARN", "gaps in table events", 3, 63)
    b.alert(65, "events-writer", "rejected_rows_per_second", "rows rejected", 55)
    return b


def lost_grant() -> Build:
    title = "terraform: least privilege for the thumbnailer"
    b = Build(name="lost-grant", cause=title, services=("gallery", "thumbnailer", "uploads-api"), onset=60,
              quiet=("thumbnail stored", "upload done", "gallery page"))  # fmt: skip
    b.ship(
        59.7,
        "thumbnailer",
        title,
        "infra/iam/thumbnailer.tf",
        '--- a/infra/iam/thumbnailer.tf\n+++ b/infra/iam/thumbnailer.tf\n   actions = [\n-    "s3:GetObject",\n-    "s3:PutObject",\n-    "s3:ListBucket",\n+    "s3:GetObject",\n+    "s3:ListBucket",\n   ]\n',
    )
    b.ship(
        58,
        "thumbnailer",
        "refactor: image pipeline",
        "thumbnailer/pipeline.py",
        "--- a/thumbnailer/pipeline.py\n+++ b/thumbnailer/pipeline.py\n-    img = load(key)\n-    img = resize(img)\n-    save(img)\n+    save(resize(load(key)))\n",
    )
    b.ship(
        59, "gallery", "feat: lightbox", "gallery/box.js", "--- a/gallery/box.js\n+++ b/gallery/box.js\n+open(box);\n"
    )
    b.measure("thumbnailer", "failed_jobs_per_minute", 0.2, 130)
    b.measure("thumbnailer", "jobs_per_minute", 140)
    b.measure("gallery", "missing_images_ratio", 0.002, 0.3, 62)
    b.complain(
        "thumbnailer",
        "ERROR",
        "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
        0.2,
    )
    b.complain("gallery", "WARN", "no thumbnail for image #", 0.5, 62)
    b.alert(64, "thumbnailer", "failed_jobs_per_minute", "thumbnails failing", 130)
    return b


def half_migration() -> Build:
    title = "model: column plan_id replaces plan"
    b = Build(name="half-migration", cause=title, services=("billing-ui", "subscriptions", "mail-out"), onset=60,
              quiet=("subscription read", "page ok", "mail queued"))  # fmt: skip
    b.ship(
        59.5,
        "subscriptions",
        title,
        "subscriptions/models.rb",
        "--- a/subscriptions/models.rb\n+++ b/subscriptions/models.rb\n class Subscription < ApplicationRecord\n-  scope :paying, -> { where.not(plan: 'free') }\n+  scope :paying, -> { where.not(plan_id: Plan.free.id) }\n",
    )
    b.ship(
        58.5,
        "subscriptions",
        "fix: label of the cancel button",
        "subscriptions/views/cancel.erb",
        "--- a/subscriptions/views/cancel.erb\n+++ b/subscriptions/views/cancel.erb\n-<button>Cancel</button>\n+<button>End subscription</button>\n",
    )
    b.ship(
        30,
        "mail-out",
        "perf: batch of 200 mails",
        "mail-out/send.rb",
        "--- a/mail-out/send.rb\n+++ b/mail-out/send.rb\n-BATCH = 50\n+BATCH = 200\n",
    )
    b.measure("subscriptions", "http_5xx_ratio", 0.001, 0.88)
    b.measure("billing-ui", "http_5xx_ratio", 0.002, 0.5, 61)
    for s in ("billing-ui", "subscriptions"):
        b.measure(s, "requests_per_second", 21)
    b.complain(
        "subscriptions",
        "ERROR",
        "ActiveRecord::StatementInvalid: PG::UndefinedColumn: ERROR: column subscriptions.plan_id does not exist",
        0.3,
    )
    b.complain("billing-ui", "ERROR", "subscriptions replied 500", 0.5, 61)
    b.alert(63, "subscriptions", "http_5xx_ratio", "subscriptions failing", 0.88)
    return b


def eager_consumers() -> Build:
    title = "scale: 60 consumers per pod"
    b = Build(name="eager-consumers", cause=title, services=("router", "dispatcher", "orders-store"), onset=63,
              quiet=("dispatched", "routed", "order loaded"))  # fmt: skip
    b.ship(
        55,
        "dispatcher",
        title,
        "dispatcher/config/application.yml",
        "--- a/dispatcher/config/application.yml\n+++ b/dispatcher/config/application.yml\n spring:\n   rabbitmq:\n     listener:\n-      concurrency: 6\n+      concurrency: 60\n",
    )
    b.ship(
        61,
        "orders-store",
        "refactor: mapper",
        "orders-store/Mapper.java",
        "--- a/orders-store/Mapper.java\n+++ b/orders-store/Mapper.java\n-    Order o = new Order();\n-    o.id = r.id;\n-    return o;\n+    return new Order(r.id);\n",
    )
    b.ship(
        62,
        "orders-store",
        "log slow statements",
        "orders-store/pg.conf",
        "--- a/orders-store/pg.conf\n+++ b/orders-store/pg.conf\n+log_min_duration_statement = 500\n",
    )
    b.measure("orders-store", "active_connections", 40, 400, 56)
    b.measure("dispatcher", "messages_in_flight", 60, 600, 55)
    b.measure("orders-store", "error_ratio", 0.001, 0.47)
    b.measure("dispatcher", "error_ratio", 0.002, 0.4, 63.5)
    b.measure("router", "error_ratio", 0.002)
    b.complain("orders-store", "ERROR", "FATAL: sorry, too many clients already", 0.2)
    b.complain("dispatcher", "ERROR", "could not open connection to orders-store", 0.3, 63.5)
    b.trace(65, ("dispatcher", "handle", 40, "-"), ("orders-store", "load", 3, "too many clients already"))
    b.alert(67, "orders-store", "error_ratio", "orders-store failing", 0.47)
    return b


def mail_bomb() -> Build:
    b = Build(name="odd-archive", cause=NONE, services=("inbox", "scanner", "storage"), onset=62,
              quiet=("mail stored", "attachment scanned", "object put"))  # fmt: skip
    b.ship(
        60,
        "scanner",
        "feat: scan 7z archives",
        "scanner/formats.py",
        "--- a/scanner/formats.py\n+++ b/scanner/formats.py\n+    '.7z': SevenZip,\n",
    )
    b.ship(
        61,
        "scanner",
        "refactor: walk archives",
        "scanner/walk.py",
        "--- a/scanner/walk.py\n+++ b/scanner/walk.py\n-    for m in archive:\n-        scan(m)\n+    for member in archive:\n+        scan(member)\n",
    )
    b.measure("scanner", "worker_restarts_per_minute", 0.1, 4)
    b.measure("scanner", "queue_depth", 5, 1900, 63)
    b.measure("inbox", "mails_per_minute", 260)
    b.complain(
        "scanner",
        "ERROR",
        "message 8f21c7d0-55aa-4be2-9c1e-7b2f0a9d4411: zip file is corrupt: declared size exceeds limits, worker lost",
        0.5,
    )
    b.complain("inbox", "WARN", "# attachments wait for a scan", 2, 65)
    b.alert(67, "scanner", "queue_depth", "scan queue", 1900)
    return b


def black_friday() -> Build:
    b = Build(name="tv-spot", cause=NONE, services=("lb", "landing", "lead-db"), onset=60,
              quiet=("GET / 200", "lead stored", "landing served"))  # fmt: skip
    b.ship(
        54,
        "landing",
        "perf: render the hero first",
        "landing/hero.tsx",
        "--- a/landing/hero.tsx\n+++ b/landing/hero.tsx\n-  <Rest /><Hero />\n+  <Hero /><Rest />\n",
    )
    b.ship(
        58,
        "landing",
        "pool: 20 to 25 connections",
        "landing/db.ts",
        "--- a/landing/db.ts\n+++ b/landing/db.ts\n-const pool = new Pool({ max: 20 });\n+const pool = new Pool({ max: 25 });\n",
    )
    b.measure("lb", "requests_per_second", 40, 900, 59)
    b.measure("landing", "requests_per_second", 39, 880, 59)
    b.measure("lead-db", "queries_per_second", 60, 1300, 59)
    b.measure("landing", "db_pool_waiting", 0, 320, 60)
    b.measure("landing", "latency_p95_ms", 90, 5000)
    b.measure("lb", "error_ratio", 0.001, 0.31, 61)
    b.complain("landing", "ERROR", "timeout exceeded when trying to connect: all 25 pool clients are busy", 0.3)
    b.complain("lb", "ERROR", "landing: upstream timed out", 0.4, 61)
    b.alert(64, "landing", "latency_p95_ms", "landing slow", 5000)
    return b


def cdn_down() -> Build:
    b = Build(name="cdn-down", cause=NONE, services=("site", "images-api", "accounts"), onset=60,
              quiet=("page ok", "image ok", "account ok"))  # fmt: skip
    b.ship(
        57,
        "images-api",
        "move image host to settings",
        "images-api/settings.py",
        "--- a/images-api/settings.py\n+++ b/images-api/settings.py\n+IMAGE_HOST = env('IMAGE_HOST')\n--- a/images-api/url.py\n+++ b/images-api/url.py\n-    return 'https://img.fastedge.example/' + key\n+    return 'https://' + IMAGE_HOST + '/' + key\n",
    )
    b.ship(
        59,
        "site",
        "feat: lazy images",
        "site/img.tsx",
        "--- a/site/img.tsx\n+++ b/site/img.tsx\n-<img src={src} />\n+<img src={src} loading='lazy' />\n",
    )
    b.measure("images-api", "error_ratio", 0.002, 0.7)
    b.measure("site", "broken_images_ratio", 0.003, 0.68)
    for s in ("site", "images-api", "accounts"):
        b.measure(s, "requests_per_second", 75)
    b.complain("images-api", "ERROR", "GET https://img.fastedge.example/k/#: 503 backend fetch failed", 0.2)
    b.complain("site", "ERROR", "https://img.fastedge.example answered 503", 0.4)
    b.event(
        59,
        "FastEdge CDN",
        "major_outage",
        "Global increase of 503 errors",
        "Requests through FastEdge may fail with 503 in all regions.",
    )
    b.alert(63, "images-api", "error_ratio", "images failing", 0.7)
    return b


def power_cut() -> Build:
    b = Build(name="dying-disk", cause=NONE, services=("api-east", "kv", "billing-jobs"), onset=60,
              quiet=("GET 200", "key read", "job done"))  # fmt: skip
    b.ship(
        58,
        "kv",
        "feat: count reads per shard",
        "kv/stats.go",
        "--- a/kv/stats.go\n+++ b/kv/stats.go\n+\treads.WithLabelValues(shard).Inc()\n",
    )
    b.ship(
        56,
        "api-east",
        "refactor: key helper",
        "api-east/key.go",
        '--- a/api-east/key.go\n+++ b/api-east/key.go\n-\tk := tenant + ":" + id\n-\treturn k\n+\treturn tenant + ":" + id\n',
    )
    b.measure("kv", "read_latency_p99_ms", 3, 4200)
    b.measure("kv", "error_ratio", 0.0005, 0.36)
    b.measure("api-east", "error_ratio", 0.001, 0.3, 60.5)
    for s in ("api-east", "kv", "billing-jobs"):
        b.measure(s, "requests_per_second", 520)
    b.complain("kv", "ERROR", "read shard 7: input/output error", 0.2)
    b.complain("kv", "ERROR", "kernel: blk_update_request: I/O error, dev nvme1n1, sector #", 1.5)
    b.complain("api-east", "ERROR", "kv: read failed", 0.4, 60.5)
    b.alert(63, "kv", "error_ratio", "kv failing", 0.36)
    return b


CASES = (
    lost_middleware, shadow_copy, wrong_encoding, feature_default, unsigned_overflow, lost_grant, half_migration, eager_consumers,
    mail_bomb, black_friday, cdn_down, power_cut,
)  # fmt: skip
