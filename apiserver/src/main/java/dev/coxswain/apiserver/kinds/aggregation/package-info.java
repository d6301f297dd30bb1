/** APIServices: who serves which version of which group. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.aggregation;
