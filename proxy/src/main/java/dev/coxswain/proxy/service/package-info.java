/** What the cluster's Services ask of this node, as plain values: no rules, no IO. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.proxy.service;
