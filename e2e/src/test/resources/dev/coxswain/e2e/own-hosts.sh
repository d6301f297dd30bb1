#!/usr/bin/env bash
# Two hosts of one's own, alpha (control plane and node) and beta (node), prepared by `cox hosts` and installed by the script it
# makes. A host is a set of namespaces with a network cable to the other; what stands in for systemd starts what the units say.
# Arguments: the checkout, an empty directory. Prints what was seen; leaves nothing behind.
set -euo pipefail
checkout=$1 work=$2
alpha=192.0.2.11 beta=192.0.2.12
group=cox-own-hosts-$$
unified=false
[ ! -f /sys/fs/cgroup/cgroup.controllers ] || unified=true
groups() { if [ $unified = true ]; then echo "/sys/fs/cgroup/$group-$1"; else for each in /sys/fs/cgroup/*/; do [ -L "${each%/}" ] || echo "$each$group-$1"; done; fi; }
process() { cat "$work/$1.pid"; }
inside() {
  local host=$1
  shift
  nsenter --target "$(process "$host")" --mount --net --pid --uts --ipc --cgroup "$@"
}

finish() {
  local host directory
  for host in alpha beta; do
    [ ! -f "$work/$host.pid" ] || kill -KILL "$(process $host)" 2> /dev/null || true
    for directory in $(groups $host); do
      while [ -n "$(find "$directory" -name cgroup.procs -exec cat {} + 2> /dev/null)" ]; do read -r -t 0.1 <> <(:) || true; done
      find "$directory" -depth -type d -exec rmdir {} + 2> /dev/null || true
    done
  done
}
trap finish EXIT

"$checkout/cox" hosts --output "$work/made" --control-plane alpha=$alpha --node alpha=$alpha
# A host that comes later.
"$checkout/cox" hosts --output "$work/made" --node beta=$beta
program=$(readlink -f "$checkout/.cox/program/current")

mkdir -p "$work/bin"
cat > "$work/bin/systemctl" << 'SYSTEMCTL'
#!/usr/bin/env bash
# systemctl daemon-reload; systemctl enable [--now] UNIT…; systemctl restart UNIT…
set -euo pipefail
verb=$1
shift
[ "$verb" != daemon-reload ] || exit 0
[ "${1:-}" != --now ] || { verb=restart; shift; }
[ "$verb" = restart ] || exit 0
for unit in "$@"; do
  if [ "$unit" = containerd ]; then
    pkill -KILL -x containerd && while pgrep -x containerd > /dev/null; do :; done
    setsid containerd > /run/containerd.log 2>&1 &
    continue
  fi
  file=/etc/systemd/system/$unit.service
  . "$(sed -n 's/^EnvironmentFile=//p' "$file")"
  user=$(sed -n 's/^User=//p' "$file")
  as=${user:+setpriv --reuid=$user --regid=$user --clear-groups --no-new-privs}
  eval "setsid $as $(sed -n 's/^ExecStart=//p' "$file") > /run/$unit.log 2>&1 &"
done
SYSTEMCTL
# useradd FLAG… USER: the machine's own users stay as they are, and who is added is nobody's neighbour.
cat > "$work/bin/useradd" << 'USERADD'
#!/usr/bin/env bash
set -euo pipefail
user=${!#}
echo "$user:x:63111:63111::/var/lib/$user:/usr/sbin/nologin" >> /etc/passwd
echo "$user:x:63111:" >> /etc/group
USERADD
chmod +x "$work/bin/systemctl" "$work/bin/useradd"

init=$(< "$checkout/deploy/src/main/resources/dev/coxswain/deploy/cluster/machine-init.sh")
for host in alpha beta; do
  mkdir -p "$work/$host/etc"
  printf '127.0.0.1 localhost\n%s alpha\n%s beta\n' $alpha $beta > "$work/$host/etc/hosts"
  : > "$work/$host/etc/resolv.conf"
  for file in passwd group; do grep -v '^coxswain:' "/etc/$file" > "$work/$host/etc/$file"; done
  (
    for directory in $(groups $host); do
      mkdir -p "$directory"
      # A set of processors that is empty takes no process.
      for file in cpuset.cpus cpuset.mems; do [ ! -f "$directory/$file" ] || cat "$directory/../$file" > "$directory/$file"; done
      echo "$BASHPID" > "$directory/cgroup.procs"
    done
    exec env COX_MACHINE_NAME=$host COX_MACHINE_KIND=node COX_MACHINE_DIR="$work/$host" COX_CGROUPS_UNIFIED=$unified \
      setsid unshare -m -n -p -u -i -C --fork sh -c "$init" > "$work/$host.log" 2>&1
  ) &
  parent=$!
  until child=$(pgrep -P $parent) && [ -e "/proc/$child/root/run/cox-ready" ]; do
    kill -0 $parent 2> /dev/null || { cat "$work/$host.log"; exit 1; }
  done
  echo "$child" > "$work/$host.pid"
done
ip link add "own-$$" type veth peer name "nwo-$$"
ip link set "own-$$" netns "$(process alpha)" name eth0
ip link set "nwo-$$" netns "$(process beta)" name eth0
inside alpha sh -c "ip address add $alpha/24 dev eth0 && ip link set eth0 up"
inside beta sh -c "ip address add $beta/24 dev eth0 && ip link set eth0 up"

for host in alpha beta; do
  inside $host sh -euc "
    for directory in var/lib/coxswain etc/coxswain etc/systemd/system etc/modules-load.d opt/coxswain; do
      mkdir -p /\$directory $work/$host/\$directory
      mount --bind $work/$host/\$directory /\$directory
    done
    for file in passwd group; do mount --bind $work/$host/etc/\$file /etc/\$file; done
    mount --bind $program /opt/coxswain
    PATH=$work/bin:\$PATH $work/made/hosts/$host/install"
done

see() { inside alpha env KUBECONFIG="$work/made/kubeconfig" "$@"; }
# As a person would: again until it is there.
until see kubectl get nodes beta alpha > /dev/null 2>&1; do kill -0 "$(process alpha)"; done
see kubectl wait --for=condition=Ready node/alpha node/beta --timeout=120s
see kubectl apply -f "$checkout/examples/hello.yaml"
see kubectl rollout status deployment/hello --timeout=120s
echo "nodes of pods: $(see kubectl get pods --selector app=hello --output 'jsonpath={.items[*].spec.nodeName}' | tr ' ' '\n' | sort -u | paste -sd ' ')"
see kubectl run ask --rm -i --restart=Never --image=coxswain/demo:1 -- wget -qO- http://hello
echo "modes: $(inside alpha stat -c '%a' /var/lib/coxswain /etc/coxswain/apiserver.env /var/lib/coxswain/pki/ca.key | paste -sd ' ')"
users() { inside alpha sh -c 'for program in store apiserver scheduler controllers kubelet proxy; do
  ps -o user= -p "$(pgrep -f "deploy\.Cox $program ")"; done | paste -sd " "'; }
echo "users: $(users)"
echo "keys: $(inside alpha stat -c '%U' /var/lib/coxswain/pki/ca.key /var/lib/coxswain/pki/nodes/alpha-serving.key | paste -sd ' ')"
echo "modes of beta: $(inside beta stat -c '%a' /var/lib/coxswain)"
echo "keys of beta: $(inside beta find /var/lib/coxswain -name '*.key' -printf '%f ')"
