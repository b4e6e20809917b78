// SPDX-License-Identifier: GPL-2.0
//
// Opens pages of the book one after another in a frame as wide as a phone, and writes a line for
// each fault. tests/install/book sets `pages` to them, `files` to all files of the site and `words`
// to what it searches for.
"use strict";

const width = 400;
const site = new URL("book/", location.href).href;
const results = [];
// The page of each link inside the site, and the anchors of each page.
const links = new Map();
const anchors = new Map();
const frame = document.body.appendChild(document.createElement("iframe"));
frame.style = `border: 0; width: ${width}px; height: 800px`;

function load(name) {
	return new Promise(resolve => {
		frame.onload = () => resolve(frame.contentDocument);
		frame.src = site + name;
	});
}

// The file that a URL names, or nothing if the site has no such file.
function file_of(url) {
	const file = decodeURI(url.slice(site.length).split(/[?#]/)[0]);
	return url.startsWith(site) && files.includes(file) ? file : "";
}

// Whether the element is in a box of the text that scrolls.
function scrolls(element) {
	for (let e = element.parentElement; e && !e.matches("main, body"); e = e.parentElement)
		if (/auto|scroll/.test(e.ownerDocument.defaultView.getComputedStyle(e).overflowX))
			return true;
	return false;
}

async function visit(name) {
	const page = await load(name);
	const wide = [...page.body.querySelectorAll("*")].filter(element =>
		element.getBoundingClientRect().right > width && !scrolls(element));
	if (page.documentElement.scrollWidth > width || wide.length > 0)
		results.push(`wide: ${name}: ${wide.slice(0, 3).map(e => e.outerHTML.slice(0, 80)).join(" ")}`);
	// The list of requests lacks files that are missing.
	const urls = [...page.querySelectorAll("[src], link[href]")].map(e => e.src || e.href);
	urls.push(...page.defaultView.performance.getEntriesByType("resource").map(entry => entry.name));
	for (const url of new Set(urls))
		if (!url.startsWith("data:") && !file_of(url))
			results.push(`request: ${name}: ${url}`);
	anchors.set(name, new Set([...page.querySelectorAll("[id]")].map(e => e.id)));
	for (const { href } of page.querySelectorAll("a[href]"))
		if (!/^(https?|mailto|javascript|data):/.test(href))
			links.set(href, name);
}

// rustdoc itself links to some anchors that it does not make.
function leads(link, name) {
	const file = file_of(link), anchor = link.split("#")[1];
	if (!file)
		return false;
	return !anchor || name.startsWith("api/") || !anchors.has(file) ||
		[anchor, decodeURIComponent(anchor)].some(id => anchors.get(file).has(id));
}

async function search(word) {
	const page = await load(`index.html?search=${word}`);
	const header = page.getElementById("mdbook-searchresults-header");
	for (let i = 0; i < 100 && !header.textContent; i++)
		await new Promise(resolve => setTimeout(resolve, 100));
	const found = [...page.querySelectorAll("#mdbook-searchresults a")];
	results.push(`found: ${word}: ${found.map(e => e.href.slice(site.length).split("?")[0]).join(" ")}`);
}

(async () => {
	for (const name of pages)
		await visit(name);
	for (const [link, name] of links)
		if (!leads(link, name))
			results.push(`link: ${name}: ${link.replace(site, "")}`);
	for (const word of words)
		await search(word);
	const text = document.createElement("pre");
	text.textContent = `\n${results.join("\n")}\nopened ${pages.length} pages with ${links.size} links\n`;
	document.body.replaceChildren(text);
})();
