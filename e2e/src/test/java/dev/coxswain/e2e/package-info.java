/** Real processes, real kubectl, real containerd and iptables; and the house rules. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.e2e;
