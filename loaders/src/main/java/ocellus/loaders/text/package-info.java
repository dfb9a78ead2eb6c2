/** Text files that people write: labels, templates. */
package ocellus.loaders.text;
