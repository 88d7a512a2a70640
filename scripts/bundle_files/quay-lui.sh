#!/usr/bin/env bash
# Đổi lại bản chương trình trước lần cài gần nhất, không cần mạng:  ./quay-lui.sh   (chạy lần nữa thì trở lại bản mới)
# Dừng chương trình trước. Cơ sở dữ liệu đã nâng cấp thì quay lui nó trước: .venv/bin/dunghen db rollback --yes
set -euo pipefail
cd "$(dirname "$0")"
[ -d .venv-truoc ] || { echo "Không có bản trước (.venv-truoc) ở $(pwd)." >&2; exit 1; }
mv .venv .venv-doi
mv .venv-truoc .venv
mv .venv-doi .venv-truoc
echo "Bây giờ là $(.venv/bin/dunghen --version). Bản vừa thay nằm ở .venv-truoc."
