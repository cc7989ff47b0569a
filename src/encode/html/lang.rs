use crate::model::Text;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// Chinese, simplified.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// As `lang=` in an address says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.pick("zh", "en")
    }

    /// The language that such a word names.
    ///
    /// # Errors
    /// Neither.
    pub fn by_name(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|lang| lang.name() == name)
            .ok_or_else(|| format!("expected zh or en, found {name:?}"))
    }

    /// As an HTML attribute says it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.pick("zh-CN", "en")
    }

    /// One of two texts.
    #[must_use]
    pub fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// A text of the plan.
    #[must_use]
    pub fn of(self, text: &Text) -> &str {
        self.pick(&text.zh, &text.en)
    }
}
