#!/usr/bin/env bash
# Boots a machine with a kernel of its own, once and once again, and has it run a trial: a bare Debian 12 under systemd, on
# cgroup v2, with NFS, none of which this machine's kernel needs to have. The kernel is Debian's user-mode-linux, a program.
# Arguments: a directory that is kept, for the bare machine; an empty one; the trial's directory, which is the machine's /host,
# with this machine's JDKs in its jvm.
# The trial is run.sh there, as root, at every boot, what it prints is in out.log; the machine's console is console.log.
set -euo pipefail
kept=$1 work=$2 host=$3
kernel=$kept/kernel/usr/bin/linux.uml disk=$kept/disk.img
packages=systemd-sysv,dbus,udev,kmod,procps,mount,iproute2,iptables,conntrack,containerd,runc,containernetworking-plugins,nfs-kernel-server,nfs-common

finish() { [ -z "${building:-}" ] || rm -rf "$building"; }
trap finish EXIT

if [ ! -e "$disk" ]; then
  command -v mmdebstrap > /dev/null || { echo "own-machine: mmdebstrap is missing: apt-get install mmdebstrap" >&2; exit 1; }
  building=$(mktemp -d "$work/building.XXXXXX")
  (cd "$building" && apt-get -o APT::Sandbox::User=root download user-mode-linux && dpkg-deb -x user-mode-linux_*.deb "$building/kernel")
  mmdebstrap --variant=minbase --include=$packages bookworm "$building/root" \
    "$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/$')"
  root=$building/root
  cp -a "$building"/kernel/usr/lib/uml/modules/. "$root/usr/lib/modules/"
  for version in "$root"/usr/lib/modules/*/; do chroot "$root" depmod "$(basename "$version")"; done
  # This kernel has no nf_tables for IPv4.
  chroot "$root" update-alternatives --set iptables /usr/sbin/iptables-legacy
  mkdir -p "$root/host" "$root/etc/systemd/system/graphical.target.wants"
  cat > "$root/etc/systemd/system/trial.service" << 'UNIT'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mount -t hostfs none /host && exec bash /host/run.sh >> /host/out.log 2>&1'
UNIT
  ln -s ../trial.service "$root/etc/systemd/system/graphical.target.wants/"
  mkdir -p "$kept/kernel"
  cp -a "$building/kernel/." "$kept/kernel/"
  mke2fs -q -t ext4 -d "$root" "$building/disk.img" 8G
  mv "$building/disk.img" "$disk"
  rm -rf "$building"
fi

# All that runs here ends with it, also when it is killed.
mkdir -p "$work/memory" "$host/jvm"
exec unshare --mount --pid --fork --kill-child -- bash -euc "
  mount -t tmpfs tmpfs '$work/memory'
  mount --bind /usr/lib/jvm '$host/jvm'
  mount -t proc proc /proc
  HOME='$work' TMPDIR='$work/memory' exec '$kernel' mem=3G 'ubd0=$work/disk.cow,$disk' root=/dev/ubda rw \\
    con=null con0=null,fd:1 'hostfs=$host'" > "$work/console.log" 2>&1 < /dev/null
