# The first process of a machine: runs in fresh namespaces, makes them look like a host of its own, and becomes the reaping
# init. It is told: COX_MACHINE_NAME, COX_MACHINE_KIND (node or control-plane), COX_MACHINE_DIR (its own files).
set -eu
mount --make-rprivate /
hostname "$COX_MACHINE_NAME"
ulimit -n "$(ulimit -Hn)"

# What the host has mounted must be read before it is covered.
version1=$(awk '$3 == "cgroup" { print $2 " " $4 }' /proc/mounts)
mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
mount --bind "$COX_MACHINE_DIR/etc/hosts" /etc/hosts
# No name server of the host is reachable from here, and none must be asked.
mount --bind "$COX_MACHINE_DIR/etc/resolv.conf" /etc/resolv.conf

if [ "$COX_MACHINE_KIND" = node ]; then
  mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
  if [ "$COX_CGROUPS_UNIFIED" = true ]; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    # A version 2 group that hands controllers down holds no processes itself.
    mkdir -p /sys/fs/cgroup/system
    echo 0 > /sys/fs/cgroup/system/cgroup.procs
    for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
      echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control || true
    done
  else
    mount -t tmpfs -o mode=755,nosuid,nodev,noexec tmpfs /sys/fs/cgroup
    echo "$version1" | while read -r where options; do
      name=${where##*/}
      wanted=$(echo "$options" | tr ',' '\n' | grep -vE '^(rw|ro|nosuid|nodev|noexec|relatime|noatime|xattr|release_agent=.*|clone_children)$' | paste -sd, -)
      mkdir -p "/sys/fs/cgroup/$name"
      mount -t cgroup -o "$wanted" cgroup "/sys/fs/cgroup/$name"
      for one in $(echo "$name" | tr ',' ' '); do
        [ -e "/sys/fs/cgroup/$one" ] || ln -s "$name" "/sys/fs/cgroup/$one"
      done
    done
  fi
  for directory in var/lib/containerd var/lib/kubelet var/lib/cni var/log/pods var/log/containers etc/cni etc/containerd; do
    mkdir -p "/$directory" "$COX_MACHINE_DIR/$directory"
    mount --bind "$COX_MACHINE_DIR/$directory" "/$directory"
  done
  # Volumes that the kubelet mounts must reach containers that already run.
  mount --make-rshared /var/lib/kubelet
  echo 1 > /proc/sys/net/ipv4/ip_forward
  for file in /proc/sys/net/ipv4/conf/all/rp_filter /proc/sys/net/ipv4/conf/default/rp_filter; do echo 0 > "$file"; done
  # Without it a pod cannot reach another pod of its own node through a Service.
  [ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
fi
ip link set lo up
touch /run/cox-ready
exec tini-static -- sleep infinity
