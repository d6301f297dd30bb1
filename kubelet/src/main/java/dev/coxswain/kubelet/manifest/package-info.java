/** Static pods: manifests in a folder of the node, and their mirrors in the API. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.manifest;
