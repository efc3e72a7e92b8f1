"""The second batch: written before the engine had run on any held-out case, and run only after the first was mended for."""

from __future__ import annotations

from building import NONE, Build


def dropped_index() -> Build:
    title = "db: remove unused indexes"
    b = Build(name="dropped-index", cause=title, services=("crm", "contacts", "contacts-db", "mailings"), onset=60,
              quiet=("contact shown", "list filtered", "mailing planned"))  # fmt: skip
    b.ship(
        52,
        "contacts-db",
        title,
        "db/migrations/20260414_cleanup.sql",
        "@@ db/migrations/20260414_cleanup.sql @@\n+DROP INDEX IF EXISTS contacts_lower_email_idx;\n+DROP INDEX IF EXISTS contacts_legacy_id_idx;\n",
    )
    b.ship(
        58,
        "contacts",
        "refactor: repository returns dataclasses",
        "contacts/repository.py",
        "@@ contacts/repository.py @@\n-    return dict(row)\n+    return Contact(**row)\n",
    )
    b.ship(
        59,
        "crm",
        "feat: avatar in the contact list",
        "crm/src/List.svelte",
        "@@ crm/src/List.svelte @@\n+  <Avatar src={c.avatar} />\n",
    )
    b.measure("contacts-db", "rows_scanned_per_second", 4000, 6100000, 52)
    b.measure("contacts-db", "cpu_percent", 20, 98, 57)
    b.measure("contacts", "latency_p95_ms", 40, 3900)
    b.measure("crm", "latency_p95_ms", 110, 4200, 61)
    b.measure("mailings", "latency_p95_ms", 80)
    for s in ("crm", "contacts", "mailings"):
        b.measure(s, "requests_per_second", 60)
    b.complain("contacts", "WARN", "slow query (# ms): SELECT id, name FROM contacts WHERE lower(email) = $1", 0.3)
    b.complain("contacts", "ERROR", "canceling statement due to statement timeout", 0.8)
    b.complain("crm", "ERROR", "contacts did not answer in time", 0.6, 61)
    b.trace(
        62,
        ("crm", "GET /contacts", 4200, "-"),
        ("contacts", "find", 4000, "statement timeout"),
        ("contacts-db", "SELECT contacts", 3900, ""),
    )
    b.alert(65, "contacts", "latency_p95_ms", "contacts p95 above 400 ms", 3900)
    return b


def renumbered_message() -> Build:
    title = "proto: group address fields"
    b = Build(name="renumbered-message", cause=title, services=("checkout", "shipping", "addresses"), onset=62,
              quiet=("rate quoted", "address validated", "order shipped"))  # fmt: skip
    b.ship(
        60,
        "addresses",
        title,
        "proto/address/v1/address.proto",
        "@@ proto/address/v1/address.proto @@\n message Address {\n-  string street = 1;\n-  string city = 2;\n-  int32 zip = 3;\n+  string city = 1;\n+  int32 zip = 2;\n+  string street = 3;\n }\n",
    )
    b.ship(
        61,
        "shipping",
        "refactor: quote builder",
        "shipping/quote.rs",
        "@@ shipping/quote.rs @@\n-    let q = Quote { cents, days };\n+    let q = Quote::builder().cents(cents).days(days).build();\n",
    )
    b.ship(
        59,
        "checkout",
        "feat: progress bar",
        "checkout/web/progress.css",
        "@@ checkout/web/progress.css @@\n+.progress { height: 4px; }\n",
    )
    b.measure("shipping", "grpc_error_ratio", 0.001, 0.66)
    b.measure("checkout", "http_5xx_ratio", 0.002, 0.5, 63)
    for s in ("checkout", "shipping", "addresses"):
        b.measure(s, "requests_per_second", 44)
    b.complain(
        "shipping",
        "ERROR",
        "failed to decode Protobuf message from addresses: Address.zip: invalid wire type: LengthDelimited (expected Varint)",
        0.3,
    )
    b.complain("checkout", "ERROR", "shipping quote failed: code = Internal", 0.5, 63)
    b.trace(64, ("checkout", "POST /order", 40, "-"), ("shipping", "Quote", 9, "failed to decode Protobuf message"))
    b.alert(66, "shipping", "grpc_error_ratio", "shipping gRPC errors above 6 %", 0.65)
    return b


def lazy_relation() -> Build:
    title = "Show author next to each review"
    b = Build(name="lazy-relation", cause=title, services=("bookshop", "reviews", "reviews-db", "basket"), onset=61,
              quiet=("rendered review list", "basket updated", "completed 200 OK"))  # fmt: skip
    b.ship(
        55,
        "reviews",
        title,
        "reviews/app/views/reviews/index.html.erb reviews/app/helpers/reviews_helper.rb",
        "@@ reviews/app/views/reviews/index.html.erb @@\n <% @reviews.each do |review| %>\n   <p><%= review.body %></p>\n+  <cite><%= author_line(User.find(review.user_id)) %></cite>\n <% end %>\n",
    )
    b.ship(
        60,
        "reviews",
        "Rename star widget partial",
        "reviews/app/views/reviews/_stars.html.erb",
        "@@ reviews/app/views/reviews/_stars.html.erb @@\n-<%= render 'star', n: review.stars %>\n+<%= render 'stars', count: review.stars %>\n",
    )
    b.ship(
        60.5,
        "basket",
        "Bump rack",
        "basket/Gemfile.lock",
        "@@ basket/Gemfile.lock @@\n-    rack (3.0.10)\n+    rack (3.0.11)\n",
    )
    b.measure("reviews-db", "queries_per_second", 190, 5200, 56)
    b.measure("reviews", "sql_queries_per_request", 3, 54, 56)
    b.measure("reviews", "response_time_p95_ms", 120, 2400)
    b.measure("bookshop", "response_time_p95_ms", 190, 2700, 62)
    b.measure("basket", "response_time_p95_ms", 70)
    for s in ("bookshop", "reviews", "basket"):
        b.measure(s, "requests_per_minute", 5200)
    b.complain(
        "reviews",
        "WARN",
        "User Load (1.2ms) SELECT users.* FROM users WHERE users.id = $1 LIMIT 1 repeated # times in one request",
        0.3,
    )
    b.complain("bookshop", "ERROR", "reviews widget left out: timed out after 2s", 0.5, 62)
    b.trace(
        63, ("bookshop", "GET /book", 2700, "-"), ("reviews", "index", 2400, "-"), ("reviews-db", "SELECT users", 3, "")
    )
    b.alert(66, "reviews", "response_time_p95_ms", "reviews p95 above 240 ms", 2400)
    return b


def narrower_rate_limit() -> Build:
    title = "gateway: stricter limits for partners"
    b = Build(name="rate-limit", cause=title, services=("gateway", "partners", "rates"), onset=59,
              quiet=("forwarded", "offer returned", "rate looked up"))  # fmt: skip
    b.ship(
        58.5,
        "gateway",
        title,
        "gateway/conf.d/limits.conf",
        "@@ gateway/conf.d/limits.conf @@\n-limit_req_zone $http_x_partner zone=partner:10m rate=500r/s;\n+limit_req_zone $http_x_partner zone=partner:10m rate=5r/s;\n",
    )
    b.ship(
        57,
        "partners",
        "refactor: offer serializer",
        "partners/serializers.py",
        "@@ partners/serializers.py @@\n-    return {'id': o.id, 'price': str(o.price)}\n+    return OfferSchema().dump(o)\n",
    )
    b.flag(56, "rates", "rates_weekly_view")
    b.measure("gateway", "http_429_ratio", 0.001, 0.87)
    b.measure("partners", "requests_per_second", 210, 18, 59)
    b.measure("rates", "requests_per_second", 90, 8, 59)
    b.measure("gateway", "requests_per_second", 260)
    b.complain(
        "gateway", "ERROR", 'limiting requests, excess: 20.# by zone "partner", request: "GET /offers HTTP/1.1"', 0.1
    )
    b.complain("partners", "INFO", "idle connection closed", 5)
    b.alert(61, "gateway", "http_429_ratio", "gateway answers 429 to more than 8 % of requests", 0.86)
    return b


def costly_hash() -> Build:
    title = "security: raise password hashing cost"
    b = Build(name="costly-hash", cause=title, services=("web", "accounts", "audit"), onset=60,
              quiet=("login ok", "account shown", "audit row stored"))  # fmt: skip
    b.ship(
        53,
        "accounts",
        title,
        "accounts/src/password.rs",
        "@@ accounts/src/password.rs @@\n-const COST: u32 = 10;\n+const COST: u32 = 15;\n pub fn hash(p: &str) -> Result<String> {\n     bcrypt::hash(p, COST)\n }\n",
    )
    b.ship(
        59,
        "accounts",
        "refactor: account page handlers",
        "accounts/src/pages.rs",
        "@@ accounts/src/pages.rs @@\n-fn show(id: Id) -> Page {\n-    Page::of(find(id))\n-}\n+fn show(id: Id) -> Page {\n+    find(id).into()\n+}\n",
    )
    b.ship(
        59.5,
        "web",
        "feat: remember me checkbox",
        "web/login.html",
        "@@ web/login.html @@\n+<input type=checkbox name=remember>\n",
    )
    b.measure("accounts", "cpu_percent", 22, 99, 53.5)
    b.measure("accounts", "login_duration_p95_ms", 90, 3300)
    b.measure("web", "error_ratio", 0.002, 0.3, 61)
    for s in ("web", "accounts", "audit"):
        b.measure(s, "requests_per_second", 70)
    b.complain("accounts", "WARN", "verify_password took # ms", 0.2)
    b.complain("web", "ERROR", "login failed: accounts timed out after 3000ms", 0.5, 61)
    b.alert(65, "accounts", "login_duration_p95_ms", "login p95 above 330 ms", 3300)
    return b


def lock_held_in_migration() -> Build:
    title = "migration: delivered_at is mandatory"
    b = Build(name="migration-lock", cause=title, services=("dispatch", "parcels", "parcels-db"), onset=60,
              quiet=("parcel scanned", "route planned", "event stored"))  # fmt: skip
    b.ship(
        59.8,
        "parcels-db",
        title,
        "parcels/migrations/0113_delivered_at.py",
        "@@ parcels/migrations/0113_delivered_at.py @@\n+def upgrade():\n+    op.execute(\"UPDATE parcel SET delivered_at = created_at WHERE delivered_at IS NULL\")\n+    op.alter_column('parcel', 'delivered_at', nullable=False)\n",
    )
    b.ship(
        58,
        "parcels",
        "feat: scan counter",
        "parcels/metrics.py",
        "@@ parcels/metrics.py @@\n+scans = Counter('parcel_scans_total', 'scans')\n",
    )
    b.ship(
        59,
        "parcels",
        "refactor: scan handler",
        "parcels/scan.py",
        "@@ parcels/scan.py @@\n-def scan(code):\n-    parcel = Parcel.by_code(code)\n-    parcel.seen()\n+def scan(code):\n+    mark_seen(Parcel.by_code(code))\n",
    )
    b.measure("parcels-db", "lock_waits", 0.5, 210)
    b.measure("parcels", "error_ratio", 0.002, 0.7)
    b.measure("dispatch", "error_ratio", 0.002, 0.3, 61)
    for s in ("dispatch", "parcels"):
        b.measure(s, "requests_per_second", 120)
    b.complain(
        "parcels",
        "ERROR",
        'psycopg.errors.LockNotAvailable: canceling statement due to lock timeout while updating tuple in relation "parcel"',
        0.2,
    )
    b.complain(
        "parcels-db", "WARN", "process # still waiting for RowExclusiveLock on relation parcel after 1000 ms", 0.4
    )
    b.complain("dispatch", "ERROR", "parcels returned 500", 0.5, 61)
    b.alert(63, "parcels", "error_ratio", "parcels errors above 7 %", 0.7)
    return b


def unclosed_cursor() -> Build:
    title = "Stream report rows instead of loading them all"
    b = Build(name="unclosed-cursor", cause=title, services=("dashboard", "reporting", "metadata"), minutes=140, onset=118,
              quiet=("report built", "dashboard loaded", "schema read"))  # fmt: skip
    b.ship(
        30,
        "reporting",
        title,
        "reporting/src/main/java/rep/RowStream.java",
        "@@ reporting/src/main/java/rep/RowStream.java @@ public Stream<Row> rows(String sql) {\n-        try (Connection c = dataSource.getConnection(); ResultSet rs = c.createStatement().executeQuery(sql)) {\n-            return toList(rs).stream();\n-        }\n+        Connection c = dataSource.getConnection();\n+        ResultSet rs = c.createStatement().executeQuery(sql);\n+        return StreamSupport.stream(new RowSpliterator(rs), false);\n",
    )
    b.ship(
        112,
        "reporting",
        "Log pool statistics each minute",
        "reporting/src/main/java/rep/PoolLog.java",
        '@@ reporting/src/main/java/rep/PoolLog.java @@\n+    @Scheduled(fixedRate = 60000)\n+    void log() { log.info("pool {}", pool.getActiveConnections()); }\n',
    )
    b.ship(
        116,
        "dashboard",
        "Dark mode",
        "dashboard/src/dark.css",
        "@@ dashboard/src/dark.css @@\n+:root { --bg: #111; }\n",
    )
    b.measure("reporting", "hikari_connections_active", 4, 50, 31, climb=True, noise=0.01)
    b.measure("reporting", "http_5xx_ratio", 0.002, 0.93)
    b.measure("dashboard", "http_5xx_ratio", 0.002, 0.4, 119)
    for s in ("dashboard", "reporting", "metadata"):
        b.measure(s, "requests_per_second", 12)
    b.complain("reporting", "ERROR", "HikariPool-1 - Connection is not available, request timed out after 30000ms", 0.3)
    b.complain("dashboard", "ERROR", "reporting answered 500", 0.6, 119)
    b.alert(122, "reporting", "http_5xx_ratio", "reporting 5xx above 9 %", 0.93)
    return b


def wrong_unit() -> Build:
    title = "feat: express deadlines in seconds"
    b = Build(name="wrong-unit", cause=title, services=("app", "quotes", "insurer-adapter"), onset=60,
              quiet=("quote stored", "quote shown", "tariff loaded"))  # fmt: skip
    b.ship(
        59,
        "insurer-adapter",
        title,
        "adapter/Options.cs adapter/InsurerClient.cs",
        "@@ adapter/Options.cs @@\n-    public int DeadlineMs { get; set; } = 8000;\n+    public int DeadlineSeconds { get; set; } = 8;\n@@ adapter/InsurerClient.cs @@\n-        cts.CancelAfter(options.DeadlineMs);\n+        cts.CancelAfter(options.DeadlineSeconds);\n",
    )
    b.ship(
        58,
        "quotes",
        "refactor: quote mapper",
        "quotes/Mapper.cs",
        "@@ quotes/Mapper.cs @@\n-        var dto = new QuoteDto { Id = q.Id, Premium = q.Premium };\n-        return dto;\n+        return new QuoteDto(q.Id, q.Premium);\n",
    )
    b.measure("insurer-adapter", "error_ratio", 0.01, 0.97)
    b.measure("quotes", "error_ratio", 0.01, 0.9, 60.5)
    b.measure("insurer-adapter", "latency_p95_ms", 2100, 9)
    for s in ("app", "quotes", "insurer-adapter"):
        b.measure(s, "requests_per_second", 9)
    b.complain(
        "insurer-adapter",
        "ERROR",
        "System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured deadline elapsing at adapter.InsurerClient.Ask in InsurerClient.cs:line 58",
        0.4,
    )
    b.complain("quotes", "ERROR", "no tariff from insurer-adapter", 0.6, 60.5)
    b.alert(63, "insurer-adapter", "error_ratio", "insurer calls failing above 9 %", 0.97)
    return b


def unchecked_header() -> Build:
    title = "drop legacy tenant fallback"
    b = Build(name="tenant-fallback", cause=title, services=("cdn", "pages", "themes"), onset=63,
              quiet=("page built", "theme read", "edge hit"))  # fmt: skip
    b.ship(
        62.5,
        "pages",
        title,
        "pages/tenant.php",
        "@@ pages/tenant.php @@ function tenantOf(Request $r): Tenant {\n-    $id = $r->header('X-Tenant') ?? Tenant::DEFAULT;\n+    $id = $r->header('X-Tenant');\n     return Tenant::load($id);\n }\n",
    )
    b.ship(
        61,
        "themes",
        "cache theme files longer",
        "themes/cache.php",
        "@@ themes/cache.php @@\n-    const LIFETIME = 600;\n+    const LIFETIME = 900;\n",
    )
    b.ship(
        62,
        "pages",
        "feat: breadcrumb",
        "pages/views/crumb.php",
        "@@ pages/views/crumb.php @@\n+<nav><?= $crumb ?></nav>\n",
    )
    b.measure("pages", "http_5xx_ratio", 0.001, 0.24)
    b.measure("cdn", "origin_error_ratio", 0.001, 0.2, 64)
    for s in ("cdn", "pages", "themes"):
        b.measure(s, "requests_per_second", 600)
    b.complain(
        "pages",
        "ERROR",
        "PHP Fatal error: Uncaught TypeError: Tenant::load(): Argument #1 ($id) must be of type string, null given, called in /srv/pages/tenant.php on line 14",
        0.2,
    )
    b.complain("cdn", "ERROR", "origin pages returned 500", 0.4, 64)
    b.alert(66, "pages", "http_5xx_ratio", "pages 5xx above 2 %", 0.24)
    return b


def root_certificate() -> Build:
    b = Build(name="root-certificate", cause=NONE, services=("kiosk", "sync", "prices"), onset=60,
              quiet=("price pushed", "kiosk online", "sync done"))  # fmt: skip
    b.ship(
        57,
        "sync",
        "use requests session for partner calls",
        "sync/partner.py",
        "@@ sync/partner.py @@\n-    r = requests.get(url, timeout=10)\n+    r = session.get(url, timeout=10)\n",
    )
    b.ship(
        59,
        "sync",
        "chore: bump certifi",
        "sync/requirements.txt",
        "@@ sync/requirements.txt @@\n-certifi==2026.1.4\n+certifi==2026.2.25\n",
    )
    b.measure("sync", "error_ratio", 0.003, 0.99)
    b.measure("prices", "stale_prices", 3, 800, 62)
    for s in ("kiosk", "sync", "prices"):
        b.measure(s, "requests_per_second", 15)
    b.complain(
        "sync",
        "ERROR",
        "SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)",
        0.3,
        peer="feed.partner.example:443",
    )
    b.complain("kiosk", "WARN", "showing prices of yesterday", 1.0, 62)
    b.alert(63, "sync", "error_ratio", "sync errors above 9 %", 0.99)
    return b


def drifting_clock() -> Build:
    b = Build(name="drifting-clock", cause=NONE, services=("gate", "tokens", "vault"), onset=62,
              quiet=("token minted", "secret read", "gate passed"))  # fmt: skip
    b.ship(
        60,
        "gate",
        "refactor: claims as a struct",
        "gate/claims.go",
        '@@ gate/claims.go @@\n-\tiat := m["iat"].(float64)\n-\tnbf := m["nbf"].(float64)\n+\tvar c Claims\n+\tif err := decode(m, &c); err != nil {\n+\t\treturn err\n+\t}\n',
    )
    b.ship(61, "vault", "docs and comments", "vault/read.go", "@@ vault/read.go @@\n+// Read returns the secret.\n")
    b.measure("tokens", "ntp_offset_seconds", 0.002, 94, 20, climb=True)
    b.measure("gate", "http_401_ratio", 0.002, 0.55)
    for s in ("gate", "tokens", "vault"):
        b.measure(s, "requests_per_second", 180)
    b.complain("gate", "WARN", "token rejected: used before issued (iat is # s in the future)", 0.2)
    b.complain("tokens", "WARN", "chronyd: System clock wrong by 94.# seconds, no reachable sources", 3)
    b.alert(65, "gate", "http_401_ratio", "gate rejects more than 5 % of tokens", 0.55)
    return b


def filling_disk() -> Build:
    b = Build(name="filling-disk", cause=NONE, services=("uploads", "files", "thumbs"), onset=66,
              quiet=("file stored", "thumbnail made", "upload finished"))  # fmt: skip
    b.ship(
        64,
        "files",
        "feat: write files in larger chunks",
        "files/store.go",
        "@@ files/store.go @@\n-\tbuf := make([]byte, 32*1024)\n+\tbuf := make([]byte, 64*1024)\n",
    )
    b.ship(
        65,
        "thumbs",
        "perf: reuse canvas",
        "thumbs/draw.go",
        "@@ thumbs/draw.go @@\n-\tc := NewCanvas(w, h)\n+\tc := pool.Get().(*Canvas)\n",
    )
    b.measure("files", "disk_used_percent", 88, 100, 0, climb=True, noise=0.001)
    b.measure("files", "error_ratio", 0.001, 0.99)
    b.measure("uploads", "error_ratio", 0.001, 0.9, 67)
    for s in ("uploads", "files", "thumbs"):
        b.measure(s, "requests_per_second", 22)
    b.complain("files", "ERROR", "write /data/objects/tmp-#: no space left on device", 0.2)
    b.complain("uploads", "ERROR", "files returned 507", 0.4, 67)
    b.alert(69, "files", "error_ratio", "files errors above 9 %", 0.99)
    return b


def exhausted_quota() -> Build:
    b = Build(name="maps-quota", cause=NONE, services=("planner", "geocode", "routes"), onset=60,
              quiet=("route computed", "address located", "plan saved"))  # fmt: skip
    b.ship(
        58,
        "geocode",
        "refactor: geocode client",
        "geocode/client.kt",
        '@@ geocode/client.kt @@\n-    val response = http.get("$base?q=$q")\n+    val response = http.get(base) { parameter("q", q) }\n',
    )
    b.ship(
        40,
        "planner",
        "feat: multi stop plans",
        "planner/stops.kt",
        "@@ planner/stops.kt @@\n+fun stops(plan: Plan) = plan.legs.map { it.to }\n",
    )
    b.measure("geocode", "error_ratio", 0.002, 1.0)
    b.measure("planner", "error_ratio", 0.002, 0.6, 61)
    for s in ("planner", "geocode", "routes"):
        b.measure(s, "requests_per_second", 17)
    b.complain(
        "geocode", "ERROR", "maps API answered 403 OVER_QUERY_LIMIT: daily quota exceeded for project 88121", 0.3
    )
    b.complain("planner", "ERROR", "geocode failed", 0.5, 61)
    b.alert(63, "geocode", "error_ratio", "geocode errors above 10 %", 1.0)
    return b


def crawler() -> Build:
    b = Build(name="crawler", cause=NONE, services=("www", "listing", "images"), onset=58,
              quiet=("GET /list 200", "image resized", "facets counted"))  # fmt: skip
    b.ship(
        52,
        "listing",
        "feat: more facets",
        "listing/facets.ex",
        "@@ listing/facets.ex @@\n-  @facets [:brand, :colour]\n+  @facets [:brand, :colour, :size]\n",
    )
    b.ship(
        57,
        "www",
        "chore: bump phoenix",
        "www/mix.lock",
        '@@ www/mix.lock @@\n-  "phoenix": "1.7.11"\n+  "phoenix": "1.7.12"\n',
    )
    b.measure("www", "requests_per_second", 110, 870, 57)
    b.measure("listing", "requests_per_second", 80, 790, 57)
    b.measure("images", "requests_per_second", 300)
    b.measure("listing", "latency_p95_ms", 95, 3000)
    b.measure("www", "error_ratio", 0.001, 0.3, 59)
    b.complain("listing", "ERROR", "request timed out in the queue after #ms", 0.3)
    b.complain("www", "WARN", "GET /list?page=# by SomeBot/2.1 took #ms", 0.1)
    b.alert(62, "listing", "latency_p95_ms", "listing p95 above 300 ms", 3000)
    return b


CASES = (
    dropped_index, renumbered_message, lazy_relation, narrower_rate_limit, costly_hash, lock_held_in_migration, unclosed_cursor,
    wrong_unit, unchecked_header, root_certificate, drifting_clock, filling_disk, exhausted_quota, crawler,
)  # fmt: skip
