/** The rules of priority and fairness. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.flow;
