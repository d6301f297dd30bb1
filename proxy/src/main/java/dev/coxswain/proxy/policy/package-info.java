/** NetworkPolicy: which connections of this node's pods the kernel lets through. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.policy;
