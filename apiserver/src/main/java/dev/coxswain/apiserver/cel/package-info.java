/**
 * Expressions in the Common Expression Language: types from schemas, compilation, cost, evaluation.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.cel;
