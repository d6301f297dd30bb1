/** Pods, and the pod templates within other kinds. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.pod;
