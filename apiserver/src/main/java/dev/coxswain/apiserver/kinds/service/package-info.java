/** Services and where their endpoints are. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.kinds.service;
