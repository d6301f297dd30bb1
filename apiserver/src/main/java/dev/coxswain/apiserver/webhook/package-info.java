/** Asking webhooks: servers that the cluster's administrator names. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.webhook;
