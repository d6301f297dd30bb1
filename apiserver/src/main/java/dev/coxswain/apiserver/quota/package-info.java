/** Holds what is stored to the ResourceQuotas of its namespace. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.quota;
