#!/bin/bash
# install.sh KVER: where make install and make dkms put what, and that make uninstall takes it away. TAP. Needs what
# make KVER=… has built; the virtual machine of the selftests is furnished by make install as well.

cd "$(dirname "$0")/.." || exit 1
kver=$1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cases=0

equal() { # DESCRIPTION EXPECTED ACTUAL
	cases=$((cases + 1))
	if [ "$2" = "$3" ]; then echo "ok $cases - $1"; return; fi
	echo "not ok $cases - $1"
	printf 'expected: %s\nactual: %s\n' "$2" "$3" | sed 's/^/# /'
}
target() { env -u MAKEFLAGS -u MAKELEVEL make -s "$@" KVER="$kver" DESTDIR="$root" 2>&1; }
export LC_ALL=C
files() { (cd "$root" && find . -type f -printf '%m %P\n' | sed 's#/modules/[^/]*/#/modules/RELEASE/#' | sort -k 2); }

modules=$(cd "build/$kver" && printf '644 lib/modules/RELEASE/updates/%s\n' ctrack*.ko)
installed="644 etc/modprobe.d/ctrack.conf
$modules
755 usr/local/sbin/ctctl
644 usr/local/share/man/man8/ctctl.8
644 usr/share/bash-completion/completions/ctctl"

equal "make install" "" "$(target install)"
equal "puts everything where it belongs" "$installed" "$(files)"
equal "for the release that they were built for" "$(modinfo -F vermagic "build/$kver/ctrack.ko" | cut -d ' ' -f 1)" "$(ls "$root/lib/modules")"
equal "ctctl runs from there" "ctctl" "$("$root/usr/local/sbin/ctctl" --version | cut -d ' ' -f 1)"
aliases=$(cat "$root/etc/modprobe.d/ctrack.conf")
equal "what needs connection tracking gets ctrack" "alias nft-expr-ct ctrack" "$(grep -x 'alias nft-expr-ct ctrack' <<<"$aliases")"
mv "$root"/lib/modules/* "$root/lib/modules/another"
equal "make uninstall, where another kernel has it" "ctctl and ctrack.conf stay, because of: $root/lib/modules/another/updates/ctrack.ko" \
	"$(target uninstall)"
equal "leaves that one all" "$installed" "$(files)"
equal "make install for this one" "" "$(target install)"
rm -r "$root/lib/modules/another"
equal "make uninstall" "" "$(target uninstall)"
equal "leaves nothing" "" "$(files)"
equal "make install by who has no /usr/sbin in PATH" "" "$(PATH=/usr/local/bin:/usr/bin:/bin target install)"
equal "does the same" "$installed" "$(files)"
equal "and has the same aliases" "$aliases" "$(cat "$root/etc/modprobe.d/ctrack.conf")"
target uninstall

equal "make dkms" "" "$(target dkms)"
source=$(echo "$root"/usr/src/ctrack-*)
touch "$source/nf/of_an_older_one.c"
equal "make dkms again" "" "$(target dkms)"
equal "what ctrack no longer has is gone" "" "$(ls "$source/nf/of_an_older_one.c" 2>/dev/null)"
equal "all that Kbuild builds is there" "" "$(
	cd "$source" && for dir in nf nat proto; do for file in "$OLDPWD/$dir"/*.[ch]; do [ -e "$dir/${file##*/}" ] || echo "$file"; done; done)"
equal "the version is filled in" "${source##*-}" "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$source/dkms.conf")"
equal "it names every module" "$(cd "build/$kver" && printf '%s\n' ctrack*.ko | sed 's/\.ko$//' | sort)" \
	"$(sed -n 's/^BUILT_MODULE_NAME\[.*="\(.*\)"/\1/p' "$source/dkms.conf" | sort)"

# completion: words behind which TAB is pressed | what is offered
. userspace/ctctl.bash-completion
offered() {
	read -ra COMP_WORDS <<<"$1"
	case $1 in *" ") COMP_WORDS+=("") ;; esac
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_ctctl
	echo "${COMPREPLY[*]}"
}
while IFS='|' read -r words expected; do
	equal "completion of '$words'" "$expected" "$(offered "$words")"
done <<-'END'
	ctctl s|save stats
	ctctl list pro|proto
	ctctl list proto ud|udp udplite
	ctctl list proto udp -o |table json conntrack
	ctctl stats -o p|prometheus
	ctctl delete al|all
	ctctl list sport |
	ctctl list --sort -by|-bytes
	ctctl add proto tcp sn|snat
	ctctl restore userspace/ctctl.8|
	ctctl restore Documentation/ctctl|Documentation/ctctl.8
END
equal "completion knows every verb that ctctl has" "$(build/ctctl --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort)" \
	"$(offered 'ctctl ' | tr ' ' '\n' | grep -v '^-' | sort)"
echo "1..$cases"
