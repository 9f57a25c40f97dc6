#!/usr/bin/env bash
# Makes the pictures of README from the example, with Chromium, cmark-gfm and pngquant from
# Debian's packages: a pull request that changes three manifests, and the HTML page.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$here/../.." && go build -o "$work/cpsync" ./cmd/cpsync)
cd "$work"
./cpsync sandbox --example demo >/dev/null
cd demo
git init -q
commit() { git add -A && git -c user.name=cpsync -c user.email=cpsync@example.com commit -qm "$1"; }
sed -i '/api.img/d' certificates/web/img.yaml
sed -i 's/description: ""/description: "Blog, run by the agency"/; s/auto_renew: true/auto_renew: false/' certificates/docs/blog.yaml
sed -i 's/    - www.pay/    - old.pay.example.com\n&/; /^policy:/,$d' certificates/pay/pay.yaml
commit before
cp -r "$here/../../examples/certificates" .
commit change

../cpsync -q --base HEAD^1 --sandbox sandbox.json --format markdown certificates >../comment.md
../cpsync report -q --sandbox sandbox.json --html ../page.html certificates
cd ..
{
  echo '<meta charset="utf-8"><style>body{font:14px/1.5 "DejaVu Sans",sans-serif;margin:24px;max-width:852px}
  code{background:#eff1f3;padding:2px 4px;border-radius:4px;font-size:12px}table{border-collapse:collapse}
  td,th{border:1px solid #d0d7de;padding:6px 12px;text-align:left}blockquote{border-left:4px solid #bf8700;margin:0;padding:0 16px}</style>'
  cmark-gfm --unsafe -e table -e tagfilter comment.md | sed -E 's/\[!([A-Z]+)\]/<b>\1<\/b><br>/'
} >comment.html
shot() { # FILE WIDTH HEIGHT
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/chromium" \
    --window-size="$2,$3" --screenshot="$work/$1.png" "file://$work/$1.html" >/dev/null 2>&1
  pngquant --force --strip --output "$here/$1.png" 32 "$work/$1.png"
}
shot comment 900 540
shot page 1200 1000
ls -l "$here"/*.png
