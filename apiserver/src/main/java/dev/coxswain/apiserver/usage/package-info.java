/**
 * The resource metrics API: what nodes and pods use, read from the kubelets when it is asked for.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.usage;
