/** What a pod's resolver and hosts file say. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.dns;
