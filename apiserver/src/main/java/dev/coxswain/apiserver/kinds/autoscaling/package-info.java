/** Autoscalers in both of their versions. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.autoscaling;
