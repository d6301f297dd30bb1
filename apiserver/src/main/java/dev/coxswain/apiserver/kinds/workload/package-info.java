/** Kinds that run pods from a template. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.workload;
