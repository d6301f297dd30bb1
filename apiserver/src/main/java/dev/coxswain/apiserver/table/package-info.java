/** What {@code kubectl get} prints: columns, ages, and the Table document. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.table;
