/**
 * The rules that schemas of custom resources give in expressions ({@code
 * x-kubernetes-validations}).
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.rules;
