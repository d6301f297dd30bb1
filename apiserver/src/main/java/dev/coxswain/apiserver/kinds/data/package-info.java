/** What pods are given to read. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.data;
