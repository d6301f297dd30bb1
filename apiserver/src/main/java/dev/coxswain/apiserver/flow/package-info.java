/** Priority and fairness: whose request is answered when not all can be at once. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.flow;
