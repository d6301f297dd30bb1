/** What balancers outside of the cluster ask of a node. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.health;
