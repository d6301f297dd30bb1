/** What the node and its pods use now: memory, disk, inodes, processes. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.usage;
