/** JSON configuration files as checked, immutable values. */
package ocellus.loaders.json;
