/** The kubelet's own API: logs, exec, attach, port-forward, pods, health, metrics. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.server;
