/**
 * What the node does when it runs short of memory, disk or processes: it says so, clears away what
 * nobody needs, and ends pods, those first that use more than they asked for.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.pressure;
