#!/usr/bin/env bash
# Cài Đúng Hẹn từ thư mục này, không cần mạng:  ./install.sh [THƯ MỤC CÀI]   (mặc định /opt/dunghen)
set -euo pipefail
cd "$(dirname "$0")"
target=${1:-/opt/dunghen}
python=${PYTHON:-python3}

fail() { echo "$1" >&2; exit 1; }
sha256sum --quiet --strict --check SHA256SUMS || fail "Có tệp bị hỏng hoặc bị sửa (danh sách ở trên). Hãy chép lại bộ cài."
listed=$(wc -l < SHA256SUMS)
found=$(find . -type f ! -name SHA256SUMS | wc -l)
[ "$listed" = "$found" ] || fail "Bộ cài có tệp lạ hoặc thiếu tệp ($found tệp, danh sách ghi $listed)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Cần Python 3.11 trở lên (đặt PYTHON=... để chỉ ra)."
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "Python thiếu mô-đun venv (Debian: python3-venv)."

mkdir -p "$target"
# Bản trước được giữ nguyên bên cạnh: quay-lui.sh đổi lại tên, không cần mạng. Cài dở thì bản trước trở về chỗ cũ.
previous="$target/.venv-truoc"
put_back() {
  rm -rf "$target/.venv"
  [ ! -d "$previous" ] || mv "$previous" "$target/.venv"
  echo "Cài không xong; những gì có trước đó vẫn như cũ." >&2
}
if [ -d "$target/.venv" ]; then
  rm -rf "$previous"
  mv "$target/.venv" "$previous"
fi
trap put_back EXIT
"$python" -m venv "$target/.venv"
pip() { "$target/.venv/bin/python" -m pip "$@" --quiet --disable-pip-version-check --no-index; }
pip install --require-hashes --find-links wheels -r requirements.txt
pip install --no-deps --force-reinstall dunghen-*.whl
for name in services docs fonts; do
  [ -d "$name" ] && rm -rf "${target:?}/$name" && cp -r "$name" "$target/$name"
done
[ -e "$target/config.toml" ] || cp config.toml "$target/config.toml"
"$target/.venv/bin/dunghen" --help >/dev/null || fail "Đã cài nhưng chương trình không chạy được."
trap - EXIT
cp quay-lui.sh "$target/quay-lui.sh"
cat <<TOLD
Đã cài vào $target. Tệp cấu hình: $target/config.toml (giữ nguyên nếu đã có).
  Nâng cấp: dừng chương trình, cài, rồi dunghen db upgrade (tự sao lưu trước), rồi chạy lại.
  Quay lui: dừng chương trình, dunghen db rollback --yes, ./quay-lui.sh, rồi chạy lại (bản trước ở .venv-truoc).
  Bắt đầu:  cd $target && .venv/bin/dunghen db upgrade && .venv/bin/dunghen user add --help
  Chạy thử: cd $target && .venv/bin/dunghen demo --small
  Phông chữ của thư (nếu máy in chưa có): chép $target/fonts vào /usr/local/share/fonts rồi chạy fc-cache.
TOLD
