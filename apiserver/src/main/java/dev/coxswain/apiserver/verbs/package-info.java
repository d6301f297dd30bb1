/** The generic verbs on every resource. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.verbs;
