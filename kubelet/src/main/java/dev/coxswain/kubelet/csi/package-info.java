/** Storage drivers on this node (CSI): their registration and the volumes that they mount. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.csi;
