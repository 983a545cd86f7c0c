//! A PDF that screen readers can read: every text and figure stands in a tree of sections, in reading order, and the
//! lines for the scissors outside of it. The only file that knows how a PDF is put together.

use pdf_writer::{
    Content, Finish as _, Name, Pdf, Rect, Ref, Settings, Str, TextStr,
    types::{ArtifactType, StructRole},
};

use super::font::{Face, encoded};

/// Nothing is written only to look well.
const SHORT: Settings = Settings { pretty: false };

/// A document under construction.
pub(super) struct Document {
    pdf: Pdf,
    lang: &'static str,
    title: String,
    size: (f32, f32),
    last: Ref,
    fonts: [Ref; 3],
    tree: Ref,
    pages_id: Ref,
    info: Ref,
    catalog: Ref,
    pages: Vec<Ref>,
    /// Sections, each with what is in it.
    sections: Vec<(Ref, Vec<Element>)>,
    /// For each page, the elements of its pieces in order.
    parents: Vec<Vec<Ref>>,
}

/// A piece of a page in the tree.
struct Element {
    id: Ref,
    page: Ref,
    piece: i32,
    role: StructRole,
    /// What is said instead of it.
    alt: Option<String>,
}

/// A page under construction.
pub(super) struct Page {
    document: Document,
    id: Ref,
    content: Content,
    pieces: Vec<Ref>,
}

impl Document {
    /// Returns an empty document of pages of this size, in points.
    pub(super) fn new(lang: &'static str, title: &str, size: (f32, f32)) -> Self {
        let mut last = Ref::new(1);
        let [catalog, pages_id, info, tree, plain, bold, fixed] = [(); 7].map(|()| last.bump());
        Self {
            pdf: Pdf::with_settings(SHORT),
            lang,
            title: title.to_owned(),
            size,
            last,
            fonts: [plain, bold, fixed],
            tree,
            pages_id,
            info,
            catalog,
            pages: Vec::new(),
            sections: Vec::new(),
            parents: Vec::new(),
        }
    }

    fn fresh(&mut self) -> Ref {
        self.last.bump()
    }

    /// Begins a page.
    pub(super) fn page(mut self) -> Page {
        let id = self.fresh();
        Page { document: self, id, content: Content::with_settings(SHORT), pieces: Vec::new() }
    }

    /// Returns the bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        for (face, id) in Face::ALL.into_iter().zip(self.fonts) {
            let mut font = self.pdf.type1_font(id);
            font.base_font(face.names().1).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(self.pages_id).kids(self.pages.iter().copied()).count(count);
        let mut info = self.pdf.document_info(self.info);
        info.title(TextStr(&self.title)).producer(TextStr("pirate"));
        info.finish();
        let mut catalog = self.pdf.catalog(self.catalog);
        catalog.pages(self.pages_id).lang(TextStr(self.lang));
        catalog.mark_info().marked(true);
        catalog.viewer_preferences().display_doc_title(true);
        catalog.pair(Name(b"StructTreeRoot"), self.tree);
        catalog.finish();
        self.write_tree();
        self.pdf.finish()
    }

    fn write_tree(&mut self) {
        let document = self.fresh();
        let mut root =
            self.pdf.indirect(self.tree).start::<pdf_writer::writers::StructTreeRoot<'_>>();
        root.child(document);
        let mut parents = root.parent_tree();
        let mut nums = parents.nums();
        let lists: Vec<Ref> = self.parents.iter().map(|_| self.last.bump()).collect();
        for (page, list) in (0..).zip(&lists) {
            nums.insert(page, *list);
        }
        nums.finish();
        parents.finish();
        root.parent_tree_next_key(i32::try_from(lists.len()).unwrap_or(i32::MAX));
        root.finish();
        for (list, pieces) in lists.iter().zip(&self.parents) {
            self.pdf.indirect(*list).array().items(pieces);
        }
        let mut element = self.pdf.struct_element(document);
        element.kind(StructRole::Document).parent(self.tree);
        let mut children = element.children();
        for (section, _) in &self.sections {
            children.struct_element(*section);
        }
        children.finish();
        element.finish();
        for (section, elements) in &self.sections {
            let mut written = self.pdf.struct_element(*section);
            written.kind(StructRole::Sect).parent(document);
            let mut children = written.children();
            for element in elements {
                children.struct_element(element.id);
            }
            children.finish();
            written.finish();
            for element in elements {
                let mut written = self.pdf.struct_element(element.id);
                written.kind(element.role).parent(*section).page(element.page);
                if let Some(alt) = &element.alt {
                    written.alt(TextStr(alt));
                }
                written.children().marked_content_id(element.piece);
            }
        }
    }
}

impl Page {
    /// Begins what belongs together.
    pub(super) fn section(&mut self) {
        let id = self.document.fresh();
        self.document.sections.push((id, Vec::new()));
    }

    /// Draws what is no content: marks and lines.
    pub(super) fn drawn(&mut self, draw: impl FnOnce(&mut Content)) {
        let mut marked = self.content.begin_marked_content_with_properties(Name(b"Artifact"));
        marked.properties().artifact().kind(ArtifactType::Page);
        marked.finish();
        draw(&mut self.content);
        self.content.end_marked_content();
    }

    /// Writes a line whose letters begin at a place.
    pub(super) fn text(
        &mut self,
        role: StructRole,
        face: Face,
        size: f32,
        at: (f32, f32),
        text: &str,
    ) {
        self.piece(role, None, |content| {
            let (bytes, whole) = encoded(text);
            if !whole {
                let mut span = content.begin_marked_content_with_properties(Name(b"Span"));
                span.properties().actual_text(TextStr(text));
            }
            content.begin_text().set_font(face.names().0, size).next_line(at.0, at.1);
            content.show(Str(&bytes)).end_text();
            if !whole {
                content.end_marked_content();
            }
        });
    }

    /// Writes one text in several lines, each `leading` points below the one before.
    pub(super) fn text_lines(
        &mut self,
        face: Face,
        size: f32,
        at: (f32, f32),
        leading: f32,
        lines: &[String],
    ) {
        self.piece(StructRole::P, None, |content| {
            content.begin_text().set_font(face.names().0, size).next_line(at.0, at.1);
            for line in lines {
                content.show(Str(&encoded(line).0)).next_line(0.0, -leading);
            }
            content.end_text();
        });
    }

    /// Draws a figure, with the words that are said instead.
    pub(super) fn figure(&mut self, alt: &str, draw: impl FnOnce(&mut Content)) {
        self.piece(StructRole::Figure, Some(alt.to_owned()), draw);
    }

    fn piece(&mut self, role: StructRole, alt: Option<String>, draw: impl FnOnce(&mut Content)) {
        let piece = i32::try_from(self.pieces.len()).unwrap_or(i32::MAX);
        let mut marked = self.content.begin_marked_content_with_properties(role.to_name());
        marked.properties().identify(piece);
        marked.finish();
        draw(&mut self.content);
        self.content.end_marked_content();
        let id = self.document.fresh();
        self.pieces.push(id);
        if self.document.sections.is_empty() {
            self.section();
        }
        if let Some((_, elements)) = self.document.sections.last_mut() {
            elements.push(Element { id, page: self.id, piece, role, alt });
        }
    }

    /// Ends the page.
    pub(super) fn end(self) -> Document {
        let Self { mut document, id, content, pieces } = self;
        let stream = document.fresh();
        document.pdf.stream(stream, &content.finish());
        let number = i32::try_from(document.parents.len()).unwrap_or(i32::MAX);
        let mut page = document.pdf.page(id);
        page.parent(document.pages_id).contents(stream).struct_parents(number);
        page.media_box(Rect::new(0.0, 0.0, document.size.0, document.size.1));
        page.pair(Name(b"Tabs"), Name(b"S"));
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        for (face, id) in Face::ALL.into_iter().zip(document.fonts) {
            fonts.pair(face.names().0, id);
        }
        fonts.finish();
        resources.finish();
        page.finish();
        document.pages.push(id);
        document.parents.push(pieces);
        document
    }
}
