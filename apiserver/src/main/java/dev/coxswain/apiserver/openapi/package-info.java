/**
 * OpenAPI, v3 and v2: what every path takes and gives, made from the registry and the kinds'
 * shapes.
 */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.openapi;
