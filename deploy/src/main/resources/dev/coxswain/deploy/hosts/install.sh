#!/usr/bin/env bash
# Makes this host one of the cluster's: packages, files, images, services. It may be run again.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
program=/opt/coxswain
# Whom the programs of a control plane run as; those of a node are root's.
user=coxswain

fail() {
  echo "install: $*" >&2
  exit 1
}
step() { echo "install: $*"; }
runs() { case " $(cat "$here/programs") " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

[ "$(id -u)" = 0 ] || fail "run this as root"
[ -x "$program/bin/cox" ] || fail "$program is missing: copy the program there first (deploy/target/coxswain of the checkout)"
command -v systemctl > /dev/null || fail "systemctl is missing: the services are systemd's"

if runs kubelet; then
  missing=()
  command -v containerd > /dev/null || missing+=(containerd)
  command -v iptables-restore > /dev/null || missing+=(iptables)
  command -v conntrack > /dev/null || missing+=(conntrack)
  command -v ip > /dev/null || missing+=(iproute2)
  [ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || missing+=(containernetworking-plugins)
  if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get > /dev/null || fail "missing on this host: ${missing[*]}"
    step "installing with apt: ${missing[*]}"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"; } > /dev/null ||
      fail "apt could not install ${missing[*]}"
  fi
fi
# Finds a JDK, or gets one.
"$program/bin/cox" --version > /dev/null || fail "$program/bin/cox does not start, see above"
# As the services will find it, which know nothing of this shell's JAVA_HOME.
as=()
if runs store; then
  getent passwd $user > /dev/null ||
    useradd --system --user-group --home-dir /var/lib/coxswain --no-create-home --shell /usr/sbin/nologin $user
  # Copied with the modes of where it was built.
  chmod go+rX "$program"
  chmod -R go+rX "$program"/bin "$program"/jvm "$program"/lib
  as=(setpriv --reuid=$user --regid=$user --clear-groups)
fi
"${as[@]}" env -i "PATH=$PATH" "$program/bin/cox" --version > /dev/null ||
  fail "the services would find no JDK, see above: it belongs below /usr/lib/jvm, readable by all"

step "files"
# Files alone: the directories that are there keep their owners and modes.
umask 022
mkdir -p /var/lib/coxswain
if runs store; then
  chgrp $user /var/lib/coxswain
  chmod 710 /var/lib/coxswain
else
  chmod 700 /var/lib/coxswain
fi
(cd "$here/files" && find . -type f -print0 | tar --null --files-from=- --owner=root --group=root -cf -) | tar -xpf - -C / --no-overwrite-dir
if runs store; then
  # What the flags of a control plane's programs name is theirs to read; a node's keys on the same host stay root's.
  data=$(sed -n 's/.*--data-dir=\([^ "]*\).*/\1/p' /etc/coxswain/store.env)
  mkdir -p "$data"
  for each in store apiserver scheduler controllers; do
    for path in $(tr ' "' '\n\n' < "/etc/coxswain/$each.env" | sed -n 's/^--[a-z-]*=//p'); do
      case $path in /var/lib/coxswain/*) [ ! -e "$path" ] || chown -R $user:$user "$path" ;; esac
    done
  done
fi

if runs kubelet; then
  version=$(containerd --version | sed -n 's/.* v\{0,1\}\([0-9][0-9]*\)\..*/\1/p')
  configuration=$(cat "$here/containerd-${version:-1}.toml")
  # Without this capability, as in some containers, no process may be given a lower score than it has.
  (($((16#$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status) >> 24 & 1)))) ||
    configuration=${configuration/restrict_oom_score_adj = false/restrict_oom_score_adj = true}
  mkdir -p /etc/containerd
  if [ "$configuration" != "$(cat /etc/containerd/config.toml 2> /dev/null)" ]; then
    [ ! -f /etc/containerd/config.toml ] || cp /etc/containerd/config.toml /etc/containerd/config.toml.before-coxswain
    printf '%s\n' "$configuration" > /etc/containerd/config.toml
    changed=yes
  fi
  printf 'overlay\nbr_netfilter\n' > /etc/modules-load.d/coxswain.conf 2> /dev/null || true
  modprobe -q overlay 2> /dev/null || true
  modprobe -q br_netfilter 2> /dev/null || true
  systemctl enable --now containerd
  [ "${changed:-no}" = no ] || systemctl restart containerd
  step "images"
  # It is up before it listens.
  end=$((SECONDS + 60))
  until timeout 5 ctr version > /dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "containerd does not answer; see: journalctl --unit=containerd"
    sleep 0.2
  done
  ctr --namespace k8s.io images import "$here/images.tar" > /dev/null
  for image in $(ctr --namespace k8s.io images list --quiet | grep '/coxswain/'); do
    ctr --namespace k8s.io images label "$image" io.cri-containerd.pinned=pinned > /dev/null
  done
fi

services=()
for each in $(cat "$here/programs"); do
  cp "$program/systemd/coxswain-$each.service" /etc/systemd/system/
  services+=("coxswain-$each")
done
systemctl daemon-reload
systemctl enable "${services[@]}"
systemctl restart "${services[@]}"
step "running: ${services[*]}; their logs: journalctl --unit=coxswain-*"
