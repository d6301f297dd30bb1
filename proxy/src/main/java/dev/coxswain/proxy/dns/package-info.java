/**
 * Cluster DNS, answered on every node from the informers' caches: no hop to another node, nothing
 * that can be out of date longer than the rules are.
 *
 * <p>Names and answers follow the "Kubernetes DNS-Based Service Discovery" specification 1.1.0.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.dns;
