/** DaemonSet: one pod on every node that it fits. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.controllers.daemonset;
