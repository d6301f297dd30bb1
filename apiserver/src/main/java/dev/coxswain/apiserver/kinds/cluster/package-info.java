/** Nodes and namespaces. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.cluster;
