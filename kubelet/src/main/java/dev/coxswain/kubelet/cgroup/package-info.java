/** Control groups: the tree of QoS classes and pods, and what containers are given. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.cgroup;
