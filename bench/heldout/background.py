"""Commits that had nothing to do with an incident, as every repository has them: title, files, diff or nothing."""

from __future__ import annotations

COMMITS: list[tuple[str, str, str | None]] = [
    ("docs: describe local setup with compose", "docs/setup.md", None),
    ("test: table tests for money rounding", "lib/money/money_test.go", "@@ lib/money/money_test.go @@\n+\t{in: 1.005, want: 101},\n+\t{in: 2.675, want: 268},"),
    ("ci: run linters in parallel", ".github/workflows/lint.yml", "@@ .github/workflows/lint.yml @@\n+    strategy:\n+      matrix:\n+        tool: [ruff, mypy]"),
    ("chore: sort imports", "tools/gen/main.py tools/gen/emit.py", None),
    ("feat: structured fields in the access log", "lib/http/access.go", '@@ lib/http/access.go @@\n-\tlog.Printf("%s %d", r.URL, status)\n+\tlog.Info("access", "url", r.URL, "status", status)'),
    ("fix: typo in an error message", "lib/errors/text.py", '@@ lib/errors/text.py @@\n-    MISSING = "adress is missing"\n+    MISSING = "address is missing"'),
    ("refactor: split the date helpers", "lib/dates/format.ts lib/dates/parse.ts", None),
    ("feat: export button on the invoices page", "web/src/pages/Invoices.tsx", "@@ web/src/pages/Invoices.tsx @@\n+      <Button onClick={exportCsv}>Export</Button>"),
    ("style: new accent colour", "web/src/theme.css", "@@ web/src/theme.css @@\n-  --accent: #3366ff;\n+  --accent: #2952cc;"),
    ("build: bump node to 22.5", "web/Dockerfile", "@@ web/Dockerfile @@\n-FROM node:22.4-slim\n+FROM node:22.5-slim"),
    ("chore: update CODEOWNERS", "CODEOWNERS", None),
    ("feat: health endpoint tells the build", "lib/http/health.go", '@@ lib/http/health.go @@\n+\tw.Header().Set("X-Build", buildID)'),
    ("test: snapshot of the receipt mail", "lib/mail/testdata/receipt.html", None),
    ("fix: pluralise item counts", "web/src/i18n/plural.ts", "@@ web/src/i18n/plural.ts @@\n-  return n + ' item';\n+  return n === 1 ? '1 item' : n + ' items';"),
    ("perf: reuse a string builder", "lib/text/join.go", '@@ lib/text/join.go @@\n-\tout := ""\n-\tfor _, p := range parts { out += p }\n+\tvar b strings.Builder\n+\tfor _, p := range parts { b.WriteString(p) }'),
    ("chore: remove a dead feature toggle", "lib/toggles/names.py", '@@ lib/toggles/names.py @@\n-OLD_HEADER = "old_header"'),
    ("feat: copy link in the admin", "web/src/admin/Link.tsx", None),
    ("docs: runbook for rotating keys", "docs/runbooks/keys.md", None),
    ("fix: guard against an empty page", "lib/paging/page.py", "@@ lib/paging/page.py @@\n+    if not rows:\n+        return Page(rows=[], more=False)"),
    ("refactor: one place for header names", "lib/http/headers.go", '@@ lib/http/headers.go @@\n+const HeaderRequestID = "X-Request-Id"\n+const HeaderTenant = "X-Tenant"'),
    ("ci: cache the gradle wrapper", ".github/workflows/java.yml", None),
    ("feat: histogram of cart sizes", "lib/metrics/cart.go", '@@ lib/metrics/cart.go @@\n+var cartSize = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "cart_items"})'),
    ("build: pin the base image by digest", "docker/base.Dockerfile", None),
    ("fix: close the file in the importer", "tools/importer/read.py", "@@ tools/importer/read.py @@\n-    f = open(path)\n-    return f.read()\n+    with open(path) as f:\n+        return f.read()"),
    ("test: property test for slugs", "lib/text/slug.test.ts", None),
    ("feat: log the tenant", "lib/http/tenant.go", '@@ lib/http/tenant.go @@\n+\tlogger = logger.With("tenant", tenantOf(r))'),
    ("chore: license headers", "lib/money/money.go lib/text/join.go", None),
    ("refactor: use the shared clock in tests", "lib/dates/clock_test.go", None),
]  # fmt: skip
