/** What the kubelet tells people about pods and its node. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.event;
