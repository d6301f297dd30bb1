/** Whether the node takes a pod that was bound to it, seen beside those it has. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.admission;
