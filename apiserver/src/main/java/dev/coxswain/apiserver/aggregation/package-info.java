/** API aggregation: groups that other servers serve through this one. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.aggregation;
