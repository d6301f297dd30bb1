#!/usr/bin/env bash
# What the machine of own-machine.sh does: it is made a cluster of one, as `cox hosts` says, runs pods that use what only its
# kernel has, and is rebooted with them. Prints what was seen, a fact to a line.
set -euo pipefail
address=192.0.2.11
export KUBECONFIG=/root/kubeconfig PATH=/usr/local/bin:$PATH
fact() { echo "fact: $*"; }
# As a person would: again until it is so, for ten minutes.
eventually() {
  local end=$((SECONDS + 600))
  until "$@" > /root/last 2>&1; do
    [ $SECONDS -lt $end ] || { echo "never: $*"; cat /root/last; return 1; }
    sleep 1
  done
}
ready() { kubectl wait --for=condition=Ready --timeout=600s "$@"; }
inside() { kubectl exec "$1" -- sh -c "$2"; }
group() { echo /sys/fs/cgroup/kubepods*/*/pod"$(kubectl get pod "$1" --output 'jsonpath={.metadata.uid}')"; }

plug() {
  hostname one
  ip link add eth0 type dummy
  ip address add $address/24 dev eth0
  ip link set eth0 up
  ip route replace default via 192.0.2.1
  mkdir -p /usr/lib/jvm
  mount --bind /host/jvm /usr/lib/jvm
}

install() {
  echo "$address one" >> /etc/hosts
  cp -a /host/program/. /opt/coxswain
  cp -a /host/made/hosts/one /root/coxswain-host
  cp /host/made/kubeconfig $KUBECONFIG
  cp /host/kubectl /usr/local/bin/
  # One slow processor, and nobody else to lead: as deploy/systemd/README.md has it.
  for each in scheduler controllers; do
    sed -i 's/--leader-elect=true/--leader-elect=false/' /root/coxswain-host/files/etc/coxswain/$each.env
  done
  mkdir -p /srv/exported/part
  echo "/srv/exported $address(rw,no_root_squash,no_subtree_check,fsid=1)" > /etc/exports
  exportfs -ra
  /root/coxswain-host/install
  eventually kubectl get node one
  ready node/one
  eventually kubectl get serviceaccount default
}

limits() {
  fact "groups: $(stat --file-system --format=%T /sys/fs/cgroup), kernel $(uname -r), init $(cat /proc/1/comm)"
  kubectl apply -f - << 'POD'
apiVersion: v1
kind: Pod
metadata: {name: bounded}
spec:
  containers:
    - name: main
      image: coxswain/demo:1
      command: [sleep, "12345"]
      resources: {requests: {cpu: 100m, memory: 32Mi}, limits: {cpu: 200m, memory: 64Mi}}
    - name: hog
      image: coxswain/demo:1
      command: [sh, -c, "tail /dev/zero"]
      resources: {limits: {memory: 16Mi}}
  restartPolicy: Never
POD
  state() { kubectl get pod bounded --output "jsonpath={.status.containerStatuses[?(@.name=='$1')].state$2}"; }
  runs() { [ -n "$(state main .running)" ]; }
  eventually runs
  fact "pod: cpu.max $(cat "$(group bounded)"/cpu.max), weight $(cat "$(group bounded)"/cpu.weight)"
  killed() { [ "$(state hog .terminated.reason)" = OOMKilled ]; }
  eventually killed && fact "hog: OOMKilled"
  kubectl delete pod bounded --now
  kubectl run grows --image=coxswain/demo:1 --overrides='{"spec":{"containers":[{"name":"grows","image":"coxswain/demo:1","command":["sleep","12345"],"resources":{"requests":{"cpu":"50m","memory":"32Mi"},"limits":{"cpu":"100m","memory":"32Mi"}}}]}}'
  ready pod/grows
  fact "before: $(inside grows 'cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/memory.max' | paste -sd ' ')"
  kubectl patch pod grows --subresource resize --patch '{"spec":{"containers":[{"name":"grows","resources":{"requests":{"cpu":"50m","memory":"48Mi"},"limits":{"cpu":"150m","memory":"48Mi"}}}]}}'
  grown() { [ "$(inside grows 'cat /sys/fs/cgroup/memory.max')" = 50331648 ]; }
  eventually grown
  fact "after: $(inside grows 'cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/memory.max' | paste -sd ' '), restarts $(kubectl get pod grows --output 'jsonpath={.status.containerStatuses[0].restartCount}')"
  kubectl get --raw /api/v1/nodes/one/proxy/stats/summary > /root/summary && fact "usage is told: $(grep -c workingSetBytes /root/summary | sed 's/[1-9][0-9]*/yes/')"
  kubectl delete pod grows --now
}

# A pod with the export as a volume: NAME VOLUME MOUNT
importer() {
  kubectl apply -f - << POD
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: main, image: "coxswain/demo:1", command: [sleep, "12345"], volumeMounts: [$3]}]
  volumes: [{name: v, $2}]
POD
}

exports() {
  local direct="nfs: {server: $address, path: /srv/exported}"
  kubectl apply -f - << CLAIM
apiVersion: v1
kind: PersistentVolume
metadata: {name: exported}
spec:
  capacity: {storage: 1Mi}
  accessModes: [ReadWriteMany]
  storageClassName: exports
  mountOptions: [nfsvers=4.1, hard]
  nfs: {server: $address, path: /srv/exported}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: exported}
spec:
  accessModes: [ReadWriteMany]
  storageClassName: exports
  volumeName: exported
  resources: {requests: {storage: 1Mi}}
CLAIM
  importer direct "$direct" '{name: v, mountPath: /data}'
  importer only-read "nfs: {server: $address, path: /srv/exported, readOnly: true}" '{name: v, mountPath: /data}'
  importer claimed 'persistentVolumeClaim: {claimName: exported}' '{name: v, mountPath: /data}'
  importer part "$direct" '{name: v, mountPath: /data, subPath: part}'
  ready pod/direct pod/only-read pod/claimed pod/part
  inside direct 'echo written > /data/word'
  inside part 'echo below > /data/word'
  fact "on the server: $(cat /srv/exported/word /srv/exported/part/word | paste -sd ' ')"
  fact "by the claim: $(inside claimed 'cat /data/word')"
  fact "only read: $(inside only-read 'cat /data/word; (echo no > /data/word) 2>&1; true' | grep -o 'written\|Read-only file system' | paste -sd ' ')"
  fact "options: $(grep 'kubernetes.io~nfs/exported' /proc/mounts | head -n 1 | grep -o 'vers=4.1\|hard' | sort | paste -sd ' ')"
  # A kubelet that is killed touches nothing, and knows later what there is to be unmounted.
  systemctl kill --signal=KILL coxswain-kubelet
  eventually inside direct 'cat /data/word'
  fact "after its kubelet's death: $(cat /root/last)"
  kubectl delete pod claimed only-read part --timeout=300s
  fact "mounts of the one that stays: $(grep -c 'kubernetes.io~nfs' /proc/mounts)"

  # The server goes, as seen from here: it takes no more packets.
  iptables -I INPUT -p tcp --dport 2049 -j DROP
  importer waits "$direct" '{name: v, mountPath: /data}'
  kubectl get --raw /api/v1/nodes/one/proxy/stats/summary > /root/summary && fact "without the server the node tells its figures"
  kubectl run beside --image=coxswain/demo:1 --command -- sleep 12345
  ready pod/beside
  kubectl delete pod beside --now --timeout=300s && fact "without the server a pod came and went"
  kubectl delete pod direct --timeout=600s && fact "without the server its pod went"
  fact "without the server the node is $(kubectl get node one --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}')"
  iptables -D INPUT -p tcp --dport 2049 -j DROP
  ready pod/waits
  fact "with the server again: $(inside waits 'cat /data/word')"
  kubectl delete pod waits --timeout=600s
  left() { ! grep 'kubernetes.io~nfs' /proc/mounts; }
  eventually left && fact "no export is left mounted"
}

first() {
  plug
  install
  limits
  exports
  kubectl run stays --image=coxswain/demo:1 --command -- sleep 12345
  ready pod/stays
  touch /root/rebooted
  systemctl reboot
}

second() {
  plug
  eventually kubectl get --raw /readyz
  fact "the pod of before: $(kubectl get pod stays --output 'jsonpath={.status.phase} {.status.reason} {.status.message}')"
  kubectl delete pod stays --now
  ready node/one
  kubectl run anew --image=coxswain/demo:1 --command -- sleep 12345
  ready pod/anew && fact "a pod runs after the reboot"
  systemctl poweroff
}

give_up() {
  echo "given up at line $1"
  journalctl --no-pager --lines=200 --unit='coxswain-*'
  systemctl poweroff --force
}
trap 'give_up $LINENO' ERR
set -E

if [ -e /root/rebooted ]; then second; else first; fi
