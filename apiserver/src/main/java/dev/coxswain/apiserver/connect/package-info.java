/** Connections through to kubelets, pods and services: logs, exec, port-forward, proxy. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.connect;
